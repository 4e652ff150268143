package sluice.control.run.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import sluice.control.check.Checks;
import sluice.control.check.Finding.Verdict;
import sluice.control.check.RedisPeer;
import sluice.control.check.Side;
import sluice.control.check.Sides;
import sluice.control.gate.Gate;
import sluice.control.gate.GateState;
import sluice.control.postgres.Lsn;
import sluice.control.postgres.PostgresException;
import sluice.control.postgres.PostgresServer;
import sluice.control.postgres.PostgresServer.Identity;
import sluice.control.postgres.PostgresServer.ReplicaView;
import sluice.control.postgres.PostgresServer.StandbyView;
import sluice.control.postgres.PostgresServer.Status;
import sluice.control.redis.RedisServer;
import sluice.control.redis.RedisServer.View;

/** Each check finds what it is for, alone, and everything else stays quiet; the run is refused before it holds. */
final class ChecksTest {
    private final Sides sides = new Execution(
                    new World(new Chooser(new Search(Mutant.NONE, 0), new int[0], 0), Mutant.NONE, false, false))
            .sides();

    /** The port with one answer changed. */
    private static <T> T with(Class<T> port, T real, String method, Callable<?> answer) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(), new Class<?>[] {port}, (self, called, arguments) -> {
                    if (called.getName().equals(method)) {
                        return answer.call();
                    }
                    try {
                        return called.invoke(real, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                }));
    }

    private static Side postgres(Side side, String method, Callable<?> answer) {
        return new Side(
                side.name(),
                with(PostgresServer.class, side.postgres(), method, answer),
                side.redis(),
                side.replication(),
                side.applicationName(),
                side.slot(),
                side.workers());
    }

    private static Side redis(Side side, String method, Callable<?> answer) {
        RedisPeer peer = side.redis().get(0);
        return new Side(
                side.name(),
                side.postgres(),
                List.of(new RedisPeer(
                        with(RedisServer.class, peer.server(), method, answer), peer.host(), peer.port())),
                side.replication(),
                side.applicationName(),
                side.slot(),
                side.workers());
    }

    private void from(String method, Callable<?> answer, String check, String text) {
        found(
                new Sides(postgres(sides.from(), method, answer), sides.to(), sides.gates(), sides.limits()),
                check,
                text);
    }

    private void to(String method, Callable<?> answer, String check, String text) {
        found(
                new Sides(sides.from(), postgres(sides.to(), method, answer), sides.gates(), sides.limits()),
                check,
                text);
    }

    private void gate(GateState state, String text) {
        Gate gate = with(Gate.class, sides.gates().get(0), "state", () -> state);
        found(new Sides(sides.from(), sides.to(), List.of(gate), sides.limits()), "proxy", text);
    }

    private static void found(Sides changed, String check, String text) {
        List<Checks.Result> blocking = Checks.ofServers().look(changed).stream()
                .filter(result -> result.finding().blocks())
                .toList();
        assertThat(blocking).as(text).isNotEmpty();
        assertThat(blocking).anySatisfy(result -> {
            assertThat(result.check().title()).isEqualTo(check);
            assertThat(result.finding().text()).contains(text);
            assertThat(result.finding().remedy()).isNotEmpty();
        });
    }

    @Test
    void nothingIsFoundWhenAllIsWell() {
        assertThat(Checks.ofServers().look(sides))
                .allSatisfy(result -> assertThat(result.finding().verdict()).isEqualTo(Verdict.OK));
    }

    @Test
    void postgres() {
        from("status", () -> Status.STANDBY, "Postgres roles", "a standby");
        to("status", () -> Status.PRIMARY, "Postgres roles", "a primary");
        to("status", () -> Status.UNKNOWN, "Postgres roles", "unknown");
        from("fenced", () -> true, "Postgres roles", "standby.signal");
        to("identity", () -> new Identity("8", 1, 150018), "Postgres kinship", "different databases");
        to("identity", () -> new Identity("7", 2, 150018), "Postgres kinship", "different timelines");
        to("identity", () -> new Identity("7", 1, 160004), "Postgres kinship", "different major");
        to(
                "standby",
                () -> new StandbyView(false, 1, new Lsn(10), new Lsn(10), false, Duration.ZERO),
                "replication",
                "receives nothing");
        to(
                "standby",
                () -> new StandbyView(true, 1, new Lsn(10), new Lsn(10), true, Duration.ZERO),
                "replication",
                "paused");
        to(
                "standby",
                () -> new StandbyView(true, 1, new Lsn(10), new Lsn(10), false, Duration.ofSeconds(5)),
                "replication",
                "5000 ms late");
        from("replica", () -> null, "replication", "no standby named b");
        from("replica", () -> new ReplicaView("catchup", null, null, null), "replication", "catchup");
        from("flushed", () -> new Lsn(1L << 30), "replication lag", "max_lag");
        from("preparedTransactions", () -> 1, "prepared transactions", "1 on old");
        from(
                "tryReplication",
                () -> {
                    throw new PostgresException("no pg_hba.conf entry");
                },
                "way back",
                "no pg_hba.conf entry");
        to(
                "standby",
                () -> {
                    throw new PostgresException("connection refused");
                },
                "replication",
                "connection refused");
    }

    @Test
    void redis() throws IOException {
        View replica = sides.to().redis().get(0).server().view();
        View master = sides.from().redis().get(0).server().view();
        for (Map.Entry<View, String> wrong : Map.of(
                        master,
                        "is a master",
                        new View(false, "r", 10, false, false, false, "x"),
                        "lost its master",
                        new View(false, "r", 10, false, true, false, "x"),
                        "first full copy")
                .entrySet()) {
            found(
                    new Sides(sides.from(), redis(sides.to(), "view", wrong::getKey), sides.gates(), sides.limits()),
                    "Redis",
                    wrong.getValue());
        }
        found(
                new Sides(redis(sides.from(), "view", () -> replica), sides.to(), sides.gates(), sides.limits()),
                "Redis",
                "is a replica");
        found(
                new Sides(redis(sides.from(), "rewritable", () -> false), sides.to(), sides.gates(), sides.limits()),
                "Redis",
                "without a configuration file");
    }

    @Test
    void proxies() throws IOException {
        GateState fine = sides.gates().get(0).state();
        Map<String, Boolean> healthy = fine.healthy();
        GateState.Hold hold = new GateState.Hold("h", "somebody", 1_000, "open");
        gate(state("new", "open", null, healthy), "sends to new");
        gate(state("old", "holding", hold, healthy), "paused by somebody");
        gate(state("old", "releasing", null, healthy), "releasing");
        gate(state("old", "open", null, Map.of("old", true, "new", false)), "new is not healthy");
        gate(state("old", "open", null, Map.of("old", true)), "knows no upstream new");
    }

    @Test
    void warningsBeforeWritesArePaused() throws IOException {
        Map<String, Boolean> healthy = sides.gates().get(0).state().healthy();
        long wait = sides.limits().drainWait().toMillis();
        assertThat(warnings(state("old", "open", null, wait - 1, healthy, null)))
                .isEmpty();
        assertThat(warnings(state("old", "open", null, wait, healthy, null)))
                .singleElement()
                .asString()
                .contains("a write has been running for " + wait + " ms");
        assertThat(warnings(state("old", "open", null, 0, healthy, "new")))
                .singleElement()
                .asString()
                .contains("preview of new");
    }

    private List<String> warnings(GateState state) {
        Gate gate = with(Gate.class, sides.gates().get(0), "state", () -> state);
        return Checks.ofServers().look(new Sides(sides.from(), sides.to(), List.of(gate), sides.limits())).stream()
                .filter(result -> result.check().id().equals("proxies")
                        && result.finding().verdict() == Verdict.WARNING)
                .map(result -> result.finding().text())
                .toList();
    }

    private static GateState state(String active, String phase, GateState.Hold hold, Map<String, Boolean> healthy) {
        return state(active, phase, hold, 0, healthy, null);
    }

    private static GateState state(
            String active,
            String phase,
            GateState.Hold hold,
            long oldestWriteMillis,
            Map<String, Boolean> healthy,
            String preview) {
        return new GateState(
                3,
                active,
                phase,
                "pass",
                hold,
                0,
                0,
                oldestWriteMillis > 0 ? 1 : 0,
                oldestWriteMillis,
                0,
                healthy,
                preview,
                new GateState.Totals(0, 0, 0, 0, 0));
    }
}
