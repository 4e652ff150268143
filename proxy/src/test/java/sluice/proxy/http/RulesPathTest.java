package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.GateState;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** What becomes of requests whose class is not that of their method: GETs that write, POSTs that only read. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class RulesPathTest {
    private static final String FAILED = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 6\r\n\r\nfailed";

    @TempDir
    Path directory;

    private final LittleSite old = LittleSite.ok();
    private final LittleSite next = LittleSite.ok();
    private Bench bench;

    private Bench bench() throws IOException {
        bench = BenchPlan.of(directory, old, next)
                .with(List.of(new ProxyConfig.Rule(
                        "proxy.toml rules[0]", List.of("POST"), "/translate", null, null, "read", null)))
                .open();
        return bench;
    }

    @AfterEach
    void close() throws IOException {
        old.close();
        next.close();
        if (bench != null) {
            bench.close();
        }
    }

    @Test
    void aPostThatOnlyReadsPassesDuringAHoldAndIsCountedInFlight() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        old.behave((request, c) -> {
            asked.countDown();
            await(goOn);
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        try (Wire client = bench().client()) {
            bench.hold(Scope.WRITES);
            client.send("POST /translate HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
            asked.await();
            GateState state = bench.await(s -> s.routing().phase() == Phase.DRAINED);
            assertThat(bench.inFlight(state)).isEqualTo(1);
            assertThat(state.writesInFlight()).isZero();
            goOn.countDown();
            assertThat(client.answer().text()).isEqualTo("ok");
            assertThat(bench.state().staleWrites()).isZero();
        }
    }

    @Test
    void aPostThatOnlyReadsIsNeverSentAgain() throws Exception {
        old.behave((request, c) -> {
            if (request.line().contains("break")) {
                c.reset();
            }
            c.send(FAILED);
        });
        try (Wire client = bench().client()) {
            bench.hold(Scope.WRITES);
            Wire.Answer failed = client.post("/translate", "abc");
            assertThat(failed.status()).isEqualTo(500);
            assertThat(failed.text()).as("passed on as it is").isEqualTo("failed");
            assertThat(client.post("/translate?break", "abc").status()).isEqualTo(502);
            assertThat(client.post("/translate?break", "abc").status()).isEqualTo(502);
            assertThat(old.requests()).hasSize(3);
            GateState state = bench.state();
            assertThat(state.tally().parkedTotal()).isZero();
            assertThat(state.unknownTotal()).as("it was no write").isZero();
            assertThat(bench.inFlight(state)).isZero();
        }
        assertThat(next.requests()).isEmpty();
    }

    @Test
    void aGetThatWritesWaits() throws Exception {
        try (Wire client = bench().client();
                Wire reader = bench.client()) {
            bench.hold(Scope.WRITES);
            client.send("GET /auth/confirmation?confirmation_token=x HTTP/1.1\r\nHost: a\r\n\r\n");
            bench.await(s -> s.waiting() == 1);
            assertThat(reader.get("/auth/sign_in").text()).isEqualTo("ok");
            bench.release(Side.NEW);
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        assertThat(old.requests()).extracting(LittleSite.Request::line).containsExactly("GET /auth/sign_in HTTP/1.1");
        assertThat(next.requests())
                .extracting(LittleSite.Request::line)
                .containsExactly("GET /auth/confirmation?confirmation_token=x HTTP/1.1");
    }

    @Test
    void aGetThatWritesIsNeverSentAgainAndIsUnknownWhenItBreaks() throws Exception {
        old.behave((request, c) -> c.reset());
        try (Wire client = bench().client()) {
            assertThat(client.get("/oauth/authorize?client_id=x").status()).isEqualTo(502);
            assertThat(client.get("/oauth/authorize?client_id=x").status()).isEqualTo(502);
        }
        assertThat(old.requests()).hasSize(2);
        assertThat(bench.state().unknownTotal()).isEqualTo(2);
    }

    @Test
    void aGetThatWritesAndIsInFlightKeepsAHoldFromBeingDrained() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        old.behave((request, c) -> {
            asked.countDown();
            await(goOn);
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        try (Wire client = bench().client()) {
            client.send("GET //media_proxy/1/original;x HTTP/1.1\r\nHost: a\r\n\r\n");
            asked.await();
            assertThat(bench.hold(Scope.WRITES).routing().phase()).isEqualTo(Phase.HOLDING);
            assertThat(bench.state().writesInFlight()).isEqualTo(1);
            goOn.countDown();
            bench.await(s -> s.routing().phase() == Phase.DRAINED);
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        assertThat(old.requests().get(0).line())
                .as("untouched, whatever the rules took it for")
                .isEqualTo("GET //media_proxy/1/original;x HTTP/1.1");
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
