package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of the proxy in each phase of a hold, under a load that never stops: what comes back is what was last acknowledged, who is
 * connected sees the end of the connection, and nothing is sent twice.
 */
@Timeout(240)
class KillProxyIT {
    private static final int WRITERS = 8;

    @TempDir
    Path folder;

    private WriteSite old;
    private WriteSite next;
    private AdminSocket admin;
    private Path config;
    private DistProxy proxy;
    private WriteLoad load;

    @BeforeEach
    void begin() throws Exception {
        old = new WriteSite("old");
        next = new WriteSite("new");
        admin = Configs.admin(folder);
        config = Configs.plain(folder, old.uri(), next.uri(), "gate.wait = \"5m\"");
        proxy = DistProxy.run(config);
        load = new WriteLoad(WRITERS, proxy.port("http"));
    }

    @AfterEach
    void end() throws Exception {
        old.close();
        next.close();
        proxy.close();
        load.end();
    }

    @Test
    void everyPhaseComesBack() throws Exception {
        passes("old", 100);
        killed("open");

        passes("old", 10);
        old.stall();
        old.awaitStalled();
        JsonNode holding = admin.done("POST", "/v1/hold?ttl=600s&wait=0s&owner=test");
        assertThat(holding.at("/gate/phase").asText()).isEqualTo("holding");
        String hold = holding.at("/gate/hold/id").asText();
        killed("holding");
        old.goOn();
        assertThat(admin.state().at("/gate/unknown").asInt())
                .as("nobody can say what became of the write in flight")
                .isEqualTo(1);
        parked();
        acceptUnknown(hold);
        admin.awaitState(s -> s.at("/gate/phase").asText().equals("drained"));
        killed("drained");

        parked();
        int onOld = old.writes().size();
        admin.done("POST", "/v1/flip?to=new&drained=true");
        JsonNode flipped = killed("drained");
        assertThat(flipped.at("/active").asText()).isEqualTo("new");

        parked();
        admin.done("PATCH", "/v1/hold/" + hold + "?ttl=100ms&expiry=shed");
        admin.awaitState(s -> s.at("/gate/arrivals").asText().equals("shed"));
        int reads = load.reads();
        killed("drained");
        int shed = load.shed().size();
        until(() -> load.shed().size() > shed + WRITERS && load.reads() > reads);
        assertThat(next.writes()).as("nothing was let through").isEmpty();

        admin.done("POST", "/v1/release?wait=20s&hold=" + hold);
        passes("new", 100);
        hold();
        parked();
        next.stall();
        CompletableFuture<AdminSocket.Answer> release =
                CompletableFuture.supplyAsync(() -> call("/v1/release?wait=60s"));
        JsonNode releasing = admin.awaitState(s -> s.at("/gate/phase").asText().equals("releasing"));
        next.awaitStalled();
        JsonNode after = killed("open");
        next.goOn();
        assertThat(release).failsWithin(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(after.at("/epoch"))
                .as("a release is on disk before it begins")
                .isEqualTo(releasing.at("/epoch"));

        passes("new", 10);
        hold();
        parked();
        admin.done("POST", "/v1/release?wait=20s");
        passes("new", 10);
        killed("open");
        passes("new", 10);

        load.end();
        load.balance(old, next);
        assertThat(old.writes()).as("none on the old side since it was drained").hasSize(onOld);
        assertThat(admin.state().at("/totals/stale_writes").asInt()).isZero();
    }

    @Test
    void aPreviewComesBack() throws Exception {
        passes("old", 10);
        JsonNode set = admin.done("PUT", "/v1/preview?upstream=new&header=X-Preview:%20yes");
        assertThat(chosen("p:1")).isEqualTo("new p:1");
        JsonNode after = killed("open");
        assertThat(after.at("/preview")).isEqualTo(set.at("/preview"));
        assertThat(after.at("/preview/in_force").asBoolean()).isTrue();
        assertThat(chosen("p:2")).isEqualTo("new p:2");
        passes("old", 10);

        hold();
        parked();
        assertThat(killed("drained").at("/preview/in_force").asBoolean()).isFalse();
        admin.done("POST", "/v1/release?wait=20s");
        assertThat(chosen("p:3")).isEqualTo("new p:3");

        admin.done("DELETE", "/v1/preview");
        assertThat(killed("open").at("/preview").isNull()).isTrue();
        assertThat(chosen("p:4")).isEqualTo("old p:4");
        load.end();
        load.balance(old, next);
    }

    /** Whoever would have released it is gone: its lease does. */
    @Test
    void theHoldOfARehearsalComesBackAndEndsByItself() throws Exception {
        passes("old", 10);
        CompletableFuture<AdminSocket.Answer> rehearsal =
                CompletableFuture.supplyAsync(() -> call("/v1/rehearse?for=15s&real=true"));
        admin.awaitState(s -> s.at("/gate/phase").asText().equals("drained"));
        parked();
        JsonNode after = killed("drained");
        assertThat(rehearsal).failsWithin(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(after.at("/gate/hold/owner").asText()).startsWith("rehearsal of ");
        parked();

        admin.awaitState(s -> s.at("/gate/phase").asText().equals("open"));
        passes("old", 10);
        admin.done("POST", "/v1/flip?to=new");
        passes("new", 10);
        load.end();
        load.balance(old, next);
    }

    /** A write that the preview means; its answer. */
    private String chosen(String id) throws Exception {
        try (Line line = Line.plain(proxy.port("http"))) {
            return line.send(Line.write(id).replace("Host: localhost", "Host: localhost\r\nX-Preview: yes"))
                    .answer()
                    .body();
        }
    }

    /** Kills it, starts it again, and compares what its state says. */
    private JsonNode killed(String phaseAfterwards) throws Exception {
        JsonNode before = admin.state();
        int cutOff = load.cutOff();
        proxy.kill();
        proxy.close();
        until(() -> load.cutOff() >= cutOff + WRITERS);
        proxy = DistProxy.run(config);
        JsonNode after = admin.state();
        load.goTo(proxy.port("http"));
        assertThat(after.at("/gate/phase").asText()).isEqualTo(phaseAfterwards);
        boolean open = phaseAfterwards.equals("open");
        for (String what : new String[] {"/epoch", "/active", "/gate/arrivals", "/gate/hold/id", "/gate/hold/owner"}) {
            if (!open || what.length() < 8) {
                assertThat(after.at(what)).as("%s, was %s", what, before).isEqualTo(before.at(what));
            }
        }
        assertThat(after.at("/gate/hold").isNull()).isEqualTo(open);
        assertThat(after.at("/gate/arrivals").asText().equals("pass")).isEqualTo(open);
        return after;
    }

    /** Holds. After a kill a write may be unknown; that is accepted. */
    private void hold() throws IOException {
        JsonNode held = admin.done("POST", "/v1/hold?ttl=600s&wait=0s&owner=test");
        acceptUnknown(held.at("/gate/hold/id").asText());
        admin.awaitState(s -> s.at("/gate/phase").asText().equals("drained"));
    }

    private void acceptUnknown(String hold) throws IOException {
        for (JsonNode request : admin.done("GET", "/v1/requests").findParents("where")) {
            if (request.at("/where").asText().equals("unknown")) {
                admin.done(
                        "PATCH",
                        "/v1/hold/" + hold + "?accept_unknown="
                                + request.at("/id").asText());
            }
        }
    }

    /** Every writer waits at the gate. */
    private void parked() throws IOException {
        admin.awaitState(s -> s.at("/gate/waiting").asInt() == WRITERS);
    }

    /** So many more writes are acknowledged by this side. */
    private void passes(String side, int more) {
        long wanted = acknowledgedBy(side) + more;
        until(() -> acknowledgedBy(side) >= wanted);
    }

    private long acknowledgedBy(String side) {
        return load.acknowledged().values().stream().filter(side::equals).count();
    }

    private void until(BooleanSupplier wanted) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DistProxy.PATIENCE_SECONDS);
        while (!wanted.getAsBoolean()) {
            assertThat(System.nanoTime()).as("wrong answers: %s", load.wrong()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private AdminSocket.Answer call(String target) {
        try {
            return admin.call("POST", target);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
