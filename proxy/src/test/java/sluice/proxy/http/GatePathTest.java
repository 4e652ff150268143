package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** What the request path owes the gate: invariants 1 to 5, on real sockets. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class GatePathTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String POST = "POST /api/v1/statuses HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";

    @TempDir
    Path directory;

    private final LittleSite old = LittleSite.ok();
    private final LittleSite next = LittleSite.ok();
    private Bench bench;

    private Bench bench(ProxyConfig.Limits limits) throws IOException {
        bench = BenchPlan.of(directory, old, next).with(limits).open();
        return bench;
    }

    private Bench bench() throws IOException {
        return bench(ProxyConfig.Limits.DEFAULT);
    }

    @AfterEach
    void close() throws IOException {
        old.close();
        next.close();
        if (bench != null) {
            bench.close();
        }
    }

    private static long posts(LittleSite site) {
        return site.requests().stream().filter(r -> r.line().startsWith("POST")).count();
    }

    @Test
    void aHeldWriteGoesToTheSideThatIsActiveAtRelease() throws IOException {
        try (Wire writer = bench().client();
                Wire reader = bench.client()) {
            assertThat(bench.hold(Scope.WRITES).routing().phase()).isIn(Phase.HOLDING, Phase.DRAINED);
            writer.send(POST + "GET /behind HTTP/1.1\r\nHost: a\r\n\r\n");
            bench.await(s -> s.waiting() == 1);
            assertThat(reader.get("/").text()).as("reads never wait").isEqualTo("ok");
            assertThat(posts(old) + posts(next)).isZero();
            bench.flip(Side.NEW);
            bench.release(null);
            assertThat(writer.answer().text()).isEqualTo("ok");
            assertThat(writer.answer().text()).isEqualTo("ok");
        }
        assertThat(posts(old)).isZero();
        assertThat(posts(next)).isEqualTo(1);
        LittleSite.Request held = next.requests().stream()
                .filter(r -> r.line().startsWith("POST"))
                .findFirst()
                .orElseThrow();
        assertThat(held.head()).containsPattern("\r\nX-Held-Ms: [0-9]+\r\n");
        assertThat(held.body()).asString().isEqualTo("abc");
    }

    @Test
    void oneClientCannotTakeTheRoomOfAllOthers() throws IOException {
        ProxyConfig.Gate one =
                new ProxyConfig.Gate(ProxyConfig.Waits.DEFAULT, 10, 1 << 20, 1, 10, Duration.ofSeconds(20));
        bench = BenchPlan.of(directory, old, next).with(one).open();
        bench.hold(Scope.WRITES);
        try (Wire first = bench.client();
                Wire second = bench.client()) {
            first.send(POST);
            bench.await(s -> s.waiting() == 1);

            second.send(POST);
            Wire.Answer refused = second.answer();

            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.head()).containsPattern("\r\nRetry-After: [0-9]+\r\n");
            assertThat(bench.state().tally().shedTotal(RequestClass.WRITE, ShedReason.CLIENT))
                    .isEqualTo(1);
            bench.release(null);
            assertThat(first.answer().text()).isEqualTo("ok");
            bench.await(s -> s.routing().phase() == Phase.OPEN);
            second.send(POST);
            assertThat(second.answer().text()).as("it has its share again").isEqualTo("ok");
        }
    }

    @Test
    void aClientThatHangsUpWhileItWaitsIsGone() throws IOException {
        bench().hold(Scope.WRITES);
        try (Wire client = bench.client()) {
            client.send(POST);
            bench.await(s -> s.waiting() == 1);
        }
        GateState state = bench.await(s -> s.waiting() == 0);
        assertThat(state.tally().goneTotal()).isEqualTo(1);
        bench.release(null);
        assertThat(posts(old)).as("nobody waits for it any more").isZero();
        assertThat(bench.onLoop(() -> bench.path.connections().count())).isZero();
    }

    @Test
    void aClientThatHangsUpDoesNotEndAWriteInFlight() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        old.behave((request, c) -> {
            asked.countDown();
            await(goOn);
            c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
            c.send("0\r\n\r\n");
        });
        bench();
        try (Wire client = bench.client()) {
            client.send(POST);
            asked.await();
        }
        bench.await(s -> s.sides().get(Side.OLD).writes() == 1
                && bench.onLoop(() -> bench.metrics.connections(sluice.proxy.metrics.LoopMetrics.Protocol.HTTP1)) == 0);
        assertThat(bench.hold(Scope.WRITES).routing().phase())
                .as("a write is in flight though its client is gone")
                .isEqualTo(Phase.HOLDING);
        goOn.countDown();
        GateState drained = bench.await(s -> s.routing().phase() == Phase.DRAINED);
        assertThat(drained.unknown()).isZero();
        assertThat(drained.staleWrites()).isZero();
        assertThat(bench.onLoop(() -> bench.path.connections().count())).isZero();
    }

    @Test
    void aClientThatHangsUpAsTheFirstOfAReleaseDoesNotShutTheGateAgain() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        next.behave((request, c) -> {
            if (request.line().contains("/first")) {
                asked.countDown();
                c.in().read();
                throw new IOException("over");
            }
            c.send(OK);
        });
        bench().hold(Scope.ALL);
        try (Wire second = bench.client()) {
            try (Wire first = bench.client()) {
                first.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
                bench.await(s -> s.waiting() == 1);
                second.send(POST);
                bench.await(s -> s.waiting() == 2);
                bench.flip(Side.NEW);
                bench.releaseWithoutWaiting();
                asked.await();
                assertThat(posts(next)).as("it is alone").isZero();
            }
            assertThat(second.answer().text()).isEqualTo("ok");
        }
        bench.await(s -> s.routing().phase() == Phase.OPEN);
    }

    @Test
    void aClientThatHangsUpEndsAReadInFlight() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        old.behave((request, c) -> {
            asked.countDown();
            if (c.in().read() < 0) {
                closed.countDown();
            }
            throw new IOException("over");
        });
        try (Wire client = bench().client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            asked.await();
        }
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void aWriteWhoseUpstreamBreaksIsUnknownAndIsNeverSentAgain() throws IOException {
        old.behave((request, c) -> {
            if (request.line().startsWith("POST")) {
                c.reset();
            }
            c.send(OK);
        });
        try (Wire client = bench().client()) {
            assertThat(client.post("/first", "abc").status())
                    .as("on a fresh connection")
                    .isEqualTo(502);
            assertThat(client.get("/").text()).isEqualTo("ok");
            assertThat(client.post("/second", "abc").status())
                    .as("on a used connection")
                    .isEqualTo(502);
        }
        assertThat(posts(old)).isEqualTo(2);
        GateState state = bench.state();
        assertThat(state.unknownTotal()).isEqualTo(2);
        assertThat(state.writesInFlight()).isZero();
    }

    @Test
    void aWriteThatTakesTooLongIsUnknown() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        old.behave((request, c) -> await(never));
        Bench b = bench(BenchPlan.limits(1000, 1000, Duration.ofSeconds(20), Duration.ofMillis(100)));
        try (Wire client = b.client()) {
            assertThat(client.post("/", "abc").status()).isEqualTo(504);
        }
        assertThat(b.state().unknownTotal()).isEqualTo(1);
        assertThat(posts(old)).isEqualTo(1);
        never.countDown();
    }

    @Test
    void aReadOnADeadConnectionIsSentAgainOnce() throws IOException {
        AtomicInteger onThis = new AtomicInteger();
        // Every second request of a connection meets a reset, as when the upstream's idle limit is just over.
        old.behave((request, c) -> {
            if (onThis.incrementAndGet() % 2 == 0) {
                c.reset();
            }
            c.send(OK);
        });
        try (Wire client = bench().client()) {
            for (int i = 0; i < 4; i++) {
                assertThat(client.get("/" + i).text()).isEqualTo("ok");
            }
        }
        old.behave((request, c) -> c.reset());
        try (Wire client = bench.client()) {
            int before = old.requests().size();
            assertThat(client.get("/x").status()).isEqualTo(502);
            assertThat(old.requests().size() - before)
                    .as("once more, not for ever")
                    .isLessThanOrEqualTo(2);
        }
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void aWriteIsNotSentOnAConnectionThatHasRested() throws Exception {
        try (Wire client = bench().client()) {
            assertThat(client.get("/").text()).isEqualTo("ok");
            assertThat(client.post("/", "abc").text()).isEqualTo("ok");
            assertThat(old.connections()).as("rested for a moment only").isEqualTo(1);
            long since = System.nanoTime();
            while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(1100)) {
                java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            assertThat(client.post("/", "abc").text()).isEqualTo("ok");
            assertThat(old.connections()).isEqualTo(2);
        }
    }

    @Test
    void anUpstreamThatClosesAnIdleConnectionIsNoticed() throws IOException {
        old.behave((request, c) -> {
            c.send(OK);
            c.socket().close();
        });
        try (Wire client = bench().client()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("ok");
                bench.await(s -> bench.onLoop(() -> bench.path.pools().resting() == 0));
            }
        }
        assertThat(old.connections()).isEqualTo(3);
    }

    @Test
    void anUpstreamThatRefusesIs502AndNothingIsUnknown() throws IOException {
        bench();
        old.close();
        try (Wire client = bench.client()) {
            assertThat(client.post("/inbox", "abc").status()).isEqualTo(502);
            assertThat(client.get("/").status()).isEqualTo(502);
        }
        GateState state = bench.state();
        assertThat(state.unknownTotal()).isZero();
        assertThat(bench.inFlight(state)).isZero();
    }

    @Test
    void aReadThatFailsDuringAHoldWaitsAndIsSentAgain() throws IOException {
        old.behave((request, c) -> c.send("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nread"));
        try (Wire client = bench().client()) {
            assertThat(client.get("/open").status()).as("passed on while open").isEqualTo(500);
            bench.hold(Scope.WRITES);
            client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
            bench.await(s -> s.waiting() == 1);
            bench.release(Side.NEW);
            assertThat(client.answer().text()).isEqualTo("ok");
            assertThat(client.get("/").text()).isEqualTo("ok");
        }
        assertThat(next.requests().get(0).line()).isEqualTo("GET /held HTTP/1.1");
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void aReadWhoseUpstreamBreaksDuringAHoldWaitsAndIsSentAgain() throws IOException {
        old.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Len");
            c.reset();
        });
        try (Wire client = bench().client()) {
            bench.hold(Scope.WRITES);
            client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n");
            bench.await(s -> s.waiting() == 1);
            bench.release(Side.NEW);
            assertThat(client.answer().text()).isEqualTo("ok");
        }
    }

    @Test
    void whoIsShedIsToldInPlainWords() throws Exception {
        bench().hold(Scope.WRITES);
        try (Wire client = bench.client()) {
            client.send("POST /api/v1/x HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nContent-Length: 1\r\n\r\nx");
            bench.await(s -> s.waiting() == 1);
            bench.gate.stop().toCompletableFuture().join();
            Wire.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(Wire.number(answer.head(), "retry-after", -1)).isPositive();
            assertThat(answer.text()).startsWith("{\"error\":\"This site").contains("try again");
            assertThat(client.post("/", "x").status())
                    .as("the connection stays, and who comes now is shed at once")
                    .isEqualTo(503);
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
