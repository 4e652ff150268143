package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.GateState;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/**
 * Clients that hang up over plain TCP, and those that only half-close. A cable that is cut sends nothing that could be noticed:
 * such a client is dropped when its wait is over.
 */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class ClientGoneTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String POST = "POST /api/v1/statuses HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Bench bench;

    @BeforeEach
    void start() throws IOException {
        bench = new Bench(directory, site, site);
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        bench.close();
    }

    /** How a client goes. */
    private enum Way {
        CLOSE,
        RESET,
        HALF_CLOSE_THEN_RESET
    }

    private static void go(Wire client, Way way) throws IOException {
        if (way == Way.HALF_CLOSE_THEN_RESET) {
            client.socket().shutdownOutput();
            assertThat(client.answer().status()).isEqualTo(102);
        }
        if (way != Way.CLOSE) {
            client.socket().setSoLinger(true, 0);
        }
        client.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 50_000, 1_000_000})
    void whoGoesWhileItWaitsIsDroppedCountedAndGivesEverythingBack(int size) throws IOException {
        bench.hold(Scope.WRITES);
        for (Way way : Way.values()) {
            long before = bench.state().tally().goneTotal();
            try (Wire client = bench.client()) {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size));
                bench.await(s -> s.waiting() == 1);
                assertThat(taken()).as("taken").isEqualTo(size);
                go(client, way);
                GateState gone = bench.await(s -> s.waiting() == 0);
                assertThat(gone.tally().goneTotal()).as("%s", way).isEqualTo(before + 1);
                bench.await(s -> taken() == 0);
            }
        }
        bench.release(null);
        bench.await(s -> s.routing().phase() == Phase.OPEN);
        assertThat(site.requests()).as("nobody waits for them any more").isEmpty();
        bench.await(s -> open() == 0);
    }

    /** Bytes of bodies in memory and on disk. */
    private long taken() {
        return ProxyConfig.Limits.DEFAULT.bodyMemoryTotal()
                - bench.onLoop(() -> bench.path.memory().left())
                + bench.spool.used();
    }

    private long open() {
        return bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP1));
    }

    @Test
    void aHalfCloseIsNotGone() throws IOException {
        bench.hold(Scope.WRITES);
        try (Wire client = bench.client()) {
            client.send(POST).send("GET /behind HTTP/1.1\r\nHost: a\r\n\r\n" + POST);
            bench.await(s -> s.waiting() == 1);
            client.socket().shutdownOutput();
            assertThat(client.answer().head()).isEqualTo("HTTP/1.1 102 Processing\r\n\r\n");
            // The probe has arrived: whatever it brings about would be there by the time of the next round trip.
            try (Wire other = bench.client()) {
                assertThat(other.get("/").text()).isEqualTo("ok");
            }
            assertThat(bench.state().waiting()).isEqualTo(1);

            bench.release(null);
            for (int i = 0; i < 3; i++) {
                assertThat(client.answer().text()).isEqualTo("ok");
            }
            assertThat(client.closed()).as("nothing can follow").isTrue();
        }
        assertThat(bench.state().tally().goneTotal()).isZero();
        assertThat(site.requests())
                .extracting(LittleSite.Request::line)
                .containsExactly(
                        "GET / HTTP/1.1",
                        "POST /api/v1/statuses HTTP/1.1",
                        "GET /behind HTTP/1.1",
                        "POST /api/v1/statuses HTTP/1.1");
        bench.await(s -> open() == 0);
    }

    @Test
    void whoHalfClosesWhileItsRequestRunsGetsTheAnswer() throws Exception {
        for (String request : List.of(POST, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch half = new CountDownLatch(1);
            CountDownLatch whole = new CountDownLatch(1);
            site.behave((r, c) -> {
                asked.countDown();
                await(half);
                c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                await(whole);
                c.send("world");
            });
            try (Wire client = bench.client()) {
                client.send(request);
                asked.await();
                client.socket().shutdownOutput();
                assertThat(client.answer().status()).isEqualTo(102);
                half.countDown();
                whole.countDown();
                assertThat(client.answer().text()).isEqualTo("helloworld");
                assertThat(client.closed()).isTrue();
            }
        }
        bench.await(s -> bench.inFlight(s) == 0 && open() == 0);
    }

    @Test
    void noProbeComesIntoAnAnswer() throws Exception {
        CountDownLatch whole = new CountDownLatch(1);
        site.behave((r, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            await(whole);
            c.send("world");
        });
        try (Wire client = bench.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            String head = Wire.head(client.in());
            assertThat(client.in().readNBytes(5)).asString().isEqualTo("hello");
            client.socket().shutdownOutput();
            try (Wire other = bench.client()) {
                other.send("x\r\n\r\n");
                assertThat(other.answer().status()).as("a round trip").isEqualTo(400);
            }
            whole.countDown();
            assertThat(client.in().readAllBytes()).asString().as(head).isEqualTo("world");
        }
    }

    @Test
    void aWriteInFlightOutlivesItsClientHoweverItGoes() throws Exception {
        for (Way way : Way.values()) {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            site.behave((r, c) -> {
                asked.countDown();
                await(goOn);
                c.send(OK);
            });
            try (Wire client = bench.client()) {
                client.send(POST);
                asked.await();
                go(client, way);
                bench.await(s -> open() == 0);
                assertThat(bench.state().sides().get(Side.OLD).writes())
                        .as("%s", way)
                        .isEqualTo(1);
            }
            goOn.countDown();
            bench.await(s -> s.writesInFlight() == 0);
        }
        assertThat(bench.state().unknownTotal()).isZero();
        assertThat(bench.onLoop(() -> bench.path.connections().count())).isZero();
    }

    @Test
    void anHttp10ClientCannotBeProbed() throws IOException {
        bench.hold(Scope.WRITES);
        try (Wire client = bench.client()) {
            client.send("POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
            bench.await(s -> s.waiting() == 1);
            client.socket().shutdownOutput();
            bench.await(s -> s.tally().goneTotal() == 1);
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void whatCannotBecomeARequestAnyMoreIsClosed() throws IOException {
        for (String start : List.of(
                "",
                "GET / HTT",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(99_999))) {
            try (Wire client = bench.client()) {
                client.send(start);
                client.socket().shutdownOutput();
                assertThat(client.closed()).as(start).isTrue();
            }
        }
        bench.await(s -> open() == 0 && taken() == 0);
        assertThat(site.requests()).isEmpty();
    }

    @Test
    void afterARefusalTheEndIsSeenAtOnce() throws IOException {
        try (Wire client = bench.client()) {
            client.send("x\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.closed()).isTrue();
        }
        bench.await(s -> open() == 0);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
