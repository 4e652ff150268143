package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.gate.GateState;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** What streams of HTTP/2 owe the gate: invariants 2, 4 and 5 on one connection. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class Http2GateTest {
    @TempDir
    Path directory;

    private final LittleSite old = LittleSite.ok();
    private final LittleSite next = LittleSite.ok();
    private Bench bench;
    private int port;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(directory, old, next);
        port = bench.listenTls();
    }

    @AfterEach
    void close() throws IOException {
        old.close();
        next.close();
        bench.close();
    }

    private static long posts(LittleSite site) {
        return site.requests().stream().filter(r -> r.line().startsWith("POST")).count();
    }

    @Test
    void readsGoOnBesideWritesThatWaitOnTheSameConnection() throws Exception {
        bench.hold(Scope.WRITES);
        try (Http2Wire client = new Http2Wire(port)) {
            List<Integer> held = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                held.add(client.post("/api/v1/statuses", "write " + i));
            }
            bench.await(s -> s.waiting() == 64);
            for (int i = 0; i < 100; i++) {
                assertThat(client.answer(client.get("/" + i)).text()).isEqualTo("ok");
            }
            assertThat(bench.state().waiting()).isEqualTo(64);

            Http2Wire.Answer shed = client.answer(client.post("/api/v1/statuses", "one too many"));
            assertThat(shed.status()).isEqualTo(503);
            assertThat(Integer.parseInt(shed.field("retry-after"))).isPositive();
            assertThat(client.answer(client.get("/still")).text()).isEqualTo("ok");

            try (Http2Wire other = new Http2Wire(port)) {
                int more = other.post("/api/v1/statuses", "of another connection");
                bench.await(s -> s.waiting() == 65);
                assertThat(posts(old)).isZero();

                bench.flip(Side.NEW);
                bench.release(null);
                for (int stream : held) {
                    assertThat(client.answer(stream).text()).isEqualTo("ok");
                }
                assertThat(other.answer(more).text()).isEqualTo("ok");
            }
        }
        assertThat(posts(old)).isZero();
        assertThat(posts(next)).isEqualTo(65);
        GateState state = bench.state();
        assertThat(state.tally().parkedTotal()).isEqualTo(66);
        assertThat(state.tally().releasedTotal()).isEqualTo(65);
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    @Test
    void aWaitingRequestThatIsResetIsGone() throws Exception {
        bench.hold(Scope.WRITES);
        try (Http2Wire client = new Http2Wire(port)) {
            int stream = client.post("/api/v1/statuses", "abc");
            int stays = client.post("/api/v1/statuses", "stays");
            bench.await(s -> s.waiting() == 2);
            client.reset(stream);
            GateState state = bench.await(s -> s.waiting() == 1);
            assertThat(state.tally().goneTotal()).isEqualTo(1);
            bench.release(null);
            assertThat(client.answer(stays).text()).isEqualTo("ok");
        }
        assertThat(posts(old)).isEqualTo(1);
    }

    @Test
    void waitingRequestsOfAConnectionThatClosesAreGone() throws Exception {
        bench.hold(Scope.WRITES);
        try (Http2Wire client = new Http2Wire(port)) {
            for (int i = 0; i < 10; i++) {
                client.post("/api/v1/statuses", "abc");
            }
            bench.await(s -> s.waiting() == 10);
        }
        GateState state = bench.await(s -> s.waiting() == 0);
        assertThat(state.tally().goneTotal()).isEqualTo(10);
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0
                && bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP2)) == 0);
    }

    @Test
    void aWriteInFlightGoesOnWhenItsStreamIsReset() throws Exception {
        aWriteInFlightOutlivesItsClient(true);
    }

    @Test
    void aWriteInFlightGoesOnWhenItsConnectionCloses() throws Exception {
        aWriteInFlightOutlivesItsClient(false);
    }

    private void aWriteInFlightOutlivesItsClient(boolean reset) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        old.behave((request, c) -> {
            if (request.line().startsWith("POST")) {
                asked.countDown();
                await(goOn);
            }
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        try (Http2Wire client = new Http2Wire(port)) {
            int stream = client.post("/api/v1/statuses", "abc");
            asked.await();
            if (reset) {
                client.reset(stream);
                assertThat(client.answer(client.get("/")).text()).isEqualTo("ok");
                assertThat(bench.state().sides().get(Side.OLD).writes()).isEqualTo(1);
            }
        }
        bench.await(s -> bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP2)) == 0);
        assertThat(bench.hold(Scope.WRITES).routing().phase())
                .as("a write is in flight though its client is gone")
                .isEqualTo(Phase.HOLDING);
        goOn.countDown();
        GateState drained = bench.await(s -> s.routing().phase() == Phase.DRAINED);
        assertThat(drained.unknown()).isZero();
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    @Test
    void aReadInFlightEndsWhenItsStreamIsReset() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        old.behave((request, c) -> {
            asked.countDown();
            if (c.in().read() < 0) {
                closed.countDown();
            }
            throw new IOException("over");
        });
        try (Http2Wire client = new Http2Wire(port)) {
            int stream = client.get("/");
            asked.await();
            client.reset(stream);
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            bench.await(s -> bench.inFlight(s) == 0);
        }
    }

    @Test
    void anEventStreamOfTheFormerSideEnds() throws Exception {
        AtomicReference<LittleSite.Connection> upstream = new AtomicReference<>();
        old.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "8\r\ndata: a\n\r\n");
            upstream.set(c);
            await(new CountDownLatch(1));
        });
        try (Http2Wire client = new Http2Wire(port)) {
            int stream = client.request("GET", "/api/v1/streaming/user", true, "accept", "text/event-stream");
            assertThat(client.next(stream).headers().get("content-type")).hasToString("text/event-stream");
            assertThat(client.next(stream).payload()).asString().isEqualTo("data: a\n");
            bench.await(s -> bench.streams(s) == 1);
            upstream.get().send("8\r\ndata: b\n\r\n");
            assertThat(client.next(stream).payload())
                    .as("each event at once")
                    .asString()
                    .isEqualTo("data: b\n");
            upstream.get().send("8\r\nda");
            assertThat(client.next(stream).payload()).asString().isEqualTo("da");

            bench.hold(Scope.WRITES);
            bench.flip(Side.NEW);
            bench.release(null);
            upstream.get().send("ta: c\n\r\n");
            Http2Wire.Answer rest = client.answer(stream);
            assertThat(rest.text()).as("the event that had begun is whole").isEqualTo("ta: c\n");
            assertThat(rest.reset()).isEqualTo(-1);
            assertThat(client.answer(client.get("/")).text()).isEqualTo("ok");
        }
        bench.await(s -> bench.streams(s) == 0);
        assertThat(upstream.get().in().read()).as("the upstream's end").isEqualTo(-1);
    }

    @Test
    void aSafeRequestThatFailsInAHoldWaitsAndIsSentAgain() throws Exception {
        old.behave((request, c) -> c.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"));
        bench.hold(Scope.WRITES);
        try (Http2Wire client = new Http2Wire(port)) {
            int stream = client.get("/");
            bench.await(s -> s.waiting() == 1);
            bench.flip(Side.NEW);
            bench.release(null);
            assertThat(client.answer(stream).text()).isEqualTo("ok");
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
