package sluice.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import redis.clients.jedis.Jedis;
import sluice.control.Machinery;
import sluice.control.gate.AdminGate;
import sluice.control.gate.GateState;
import sluice.control.run.Journal;
import sluice.control.run.Moves;
import sluice.control.run.Progress;
import sluice.control.site.Site;
import sluice.control.site.SiteFile;
import sluice.demo.Stage;
import sluice.demo.load.Load;
import sluice.demo.verdict.Books;
import sluice.demo.verdict.Verdict;
import sluice.testbed.Await;
import sluice.testbed.PostgresNode;
import sluice.testbed.RedisNode;

/** A live site with a little load on it, watched all the time, to which things are done. */
final class Trial implements AutoCloseable {
    private static final Load.Size SIZE = new Load.Size(4, 2, 0, Duration.ofMillis(40));
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final Stage stage;
    private final Site site;
    private final Load load;
    private final Writability writability;

    Trial() throws Exception {
        stage = Stage.set(Path.of("../proxy/target/dist/bin/sluice-proxy")
                .toAbsolutePath()
                .normalize());
        site = SiteFile.read(stage.siteFile());
        load = Load.start(stage.target(), SIZE);
        writability = new Writability(stage);
        serves();
    }

    Stage stage() {
        return stage;
    }

    /** Moves of this site, on new connections. */
    Moves moves(UnaryOperator<Journal> around) {
        return new Machinery(site).moves(Progress.none(), around);
    }

    Machinery machinery() {
        return new Machinery(site);
    }

    /** What the proxy says. */
    GateState gate() throws Exception {
        AdminGate gate = new AdminGate(site.gates().get(0));
        try {
            gate.open();
            return gate.state();
        } finally {
            gate.close();
        }
    }

    /** The site answers reads and writes: so many more of each come through from now on. */
    void serves() {
        Load.Progress before = load.progress();
        Await.until(
                "writes are acknowledged", BOUND, () -> load.progress().acknowledged() >= before.acknowledged() + 12);
        Await.until("requests are answered", BOUND, () -> load.progress().requests() >= before.requests() + 40);
    }

    /** The gate is open towards a side, and nothing waits for ever. */
    void openTo(String side) throws Exception {
        GateState state = gate();
        assertThat(state.open()).as("the gate is open: %s", state).isTrue();
        assertThat(state.active()).isEqualTo(side);
        assertThat(state.totals().staleWrites()).isZero();
    }

    /** Stops the load and compares everything that was acknowledged with what a side holds. */
    void nothingIsLostOn(String side) throws Exception {
        Load.Recorded recorded = load.stop();
        boolean old = side.equals("old");
        PostgresNode database =
                old ? stage.postgres().oldServer() : stage.postgres().newServer();
        RedisNode redis = old ? stage.redis().oldServer() : stage.redis().newServer();
        try (Jedis jedis = redis.connect()) {
            Verdict verdict = Verdict.compare(
                    recorded.acknowledged(), Books.rows(database.jdbcUrl("mastodon")), Books.jobs(jedis));
            assertThat(verdict.lost()).as("lost").isEmpty();
            assertThat(verdict.doubled()).as("doubled").isEmpty();
        }
        assertThat(recorded.acknowledged()).isNotEmpty();
        assertThat(recorded.samples().stream().filter(sample -> sample.failed()).toList())
                .as("failed")
                .isEmpty();
    }

    /** Never both sides, so far. */
    void neverBothWritable() {
        assertThat(writability.looks()).isPositive();
        assertThat(writability.violations()).isEmpty();
    }

    /** A log for a process that the trial starts. */
    Path log(String name) throws Exception {
        return Files.createTempFile(stage.folder(), name, ".out");
    }

    @Override
    public void close() {
        writability.close();
        load.close();
        stage.close();
    }
}
