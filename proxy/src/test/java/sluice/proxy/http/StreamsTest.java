package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Scope;

/** WebSockets and server-sent events through the proxy. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class StreamsTest {
    private static final String UPGRADE = "GET /api/v1/streaming HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: token\r\n\r\n";
    private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\n";
    private static final String EVENTS =
            "GET /api/v1/streaming/public HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";
    private static final byte[] SERVICE_RESTART = {(byte) 0x88, 2, 0x03, (byte) 0xf4};

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private final AtomicReference<LittleSite.Connection> upstream = new AtomicReference<>();
    private Bench bench;

    @AfterEach
    void close() throws IOException {
        site.close();
        if (bench != null) {
            bench.close();
        }
    }

    /** A site that says what comes first, and leaves the rest to the test. */
    private Bench bench(String first) throws IOException {
        site.behave((request, c) -> {
            c.send(first);
            upstream.set(c);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        bench = new Bench(directory, site, site);
        return bench;
    }

    private LittleSite.Connection upstream() {
        bench.await(s -> upstream.get() != null);
        return upstream.get();
    }

    @Test
    void aWebSocketIsCarriedBothWays() throws Exception {
        try (Wire client = bench(SWITCHING + "\u0081\u0002hi").client()) {
            client.send(UPGRADE + "early");
            Wire.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(101);
            assertThat(answer.has("Upgrade: websocket")).isTrue();
            assertThat(answer.has("Connection: upgrade")).isTrue();
            assertThat(answer.has("Sec-WebSocket-Accept: y")).isTrue();
            assertThat(client.in().readNBytes(4)).isEqualTo(new byte[] {(byte) 0x81, 2, 'h', 'i'});
            assertThat(site.requests().get(0).has("Upgrade: websocket")).isTrue();
            assertThat(site.requests().get(0).has("Sec-WebSocket-Protocol: token"))
                    .isTrue();
            assertThat(bench.streams(bench.state())).isEqualTo(1);
            assertThat(bench.inFlight(bench.state()))
                    .as("a stream is not in flight")
                    .isZero();
            assertThat(bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.WEBSOCKET)))
                    .isEqualTo(1);

            byte[] much = new byte[8 << 20];
            new Random(3).nextBytes(much);
            LittleSite.Connection server = upstream();
            assertThat(server.in().readNBytes(5)).asString().isEqualTo("early");
            Thread up = new Thread(() -> {
                try {
                    client.send(much);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            up.start();
            assertThat(Arrays.equals(server.in().readNBytes(much.length), much)).isTrue();
            up.join();
        }
        bench.await(s -> bench.streams(s) == 0);
        assertThat(upstream().in().read()).as("the upstream's end").isEqualTo(-1);
        assertThat(bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.WEBSOCKET)))
                .isZero();
    }

    @Test
    void aWebSocketOnTheFormerSideIsClosedBetweenTwoFrames() throws Exception {
        try (Wire client = bench(SWITCHING + "\u0081\u0005he").client()) {
            client.send(UPGRADE);
            assertThat(client.answer().status()).isEqualTo(101);
            assertThat(client.in().readNBytes(4)).hasSize(4);
            // In the middle of a frame: stop closes streams at once, but not inside one.
            var stopped = bench.path.stop();
            LittleSite.Connection server = upstream();
            server.send("llo\u0081\u0002no");
            byte[] rest = client.in().readNBytes(3 + SERVICE_RESTART.length);
            assertThat(rest).startsWith('l', 'l', 'o').endsWith(SERVICE_RESTART);
            assertThat(client.closed()).isTrue();
            assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(server.in().read()).isEqualTo(-1);
        }
        bench.await(s -> bench.streams(s) == 0);
    }

    @Test
    void afterAReleaseStreamsOnTheFormerSideAreClosed() throws Exception {
        LittleSite next = LittleSite.ok();
        site.behave((request, c) -> {
            c.send(SWITCHING);
            if (c.in().read() >= 0) {
                throw new IOException("nothing is sent");
            }
        });
        bench = new Bench(directory, site, next);
        try (Wire client = bench.client()) {
            client.send(UPGRADE);
            assertThat(client.answer().status()).isEqualTo(101);
            bench.hold(Scope.WRITES);
            assertThat(bench.streams(bench.state()))
                    .as("streams go on during a hold")
                    .isEqualTo(1);
            bench.release(sluice.proxy.route.Side.NEW);
            assertThat(client.in().readNBytes(SERVICE_RESTART.length)).isEqualTo(SERVICE_RESTART);
            assertThat(client.closed()).isTrue();
        } finally {
            next.close();
        }
        bench.await(s -> bench.streams(s) == 0);
    }

    @Test
    void eventsArePassedOnAtOnceAndEndProperly() throws Exception {
        try (Wire client = bench(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                .client()) {
            client.send(EVENTS);
            assertThat(Wire.head(client.in())).startsWith("HTTP/1.1 200 OK").contains("Transfer-Encoding: chunked");
            LittleSite.Connection server = upstream();
            server.send("3\r\n:a\n\r\n");
            assertThat(Wire.line(client.in())).isEqualTo("3");
            assertThat(Wire.line(client.in())).isEqualTo(":a\n");
            bench.await(s -> bench.streams(s) == 1 && bench.inFlight(s) == 0);
            server.send("4\r\n:b");
            assertThat(client.in().readNBytes(5)).asString().isEqualTo("4\r\n:b");
            bench.path.stop();
            server.send("c\n\r\n");
            assertThat(client.in().readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("c\n\r\n0\r\n\r\n");
        }
        bench.await(s -> bench.streams(s) == 0);
    }

    @Test
    void anEventStreamThatTheUpstreamEndsIsAnOrdinaryEnd() throws Exception {
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            c.send("3\r\n:a\n\r\n");
            c.send("0\r\n\r\n");
        });
        bench = new Bench(directory, site, site);
        try (Wire client = bench.client()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(EVENTS).answer().text()).isEqualTo(":a\n");
            }
        }
        bench.await(s -> bench.streams(s) == 0 && bench.inFlight(s) == 0);
    }

    @Test
    void anUpgradeThatIsDeclinedIsAnOrdinaryAnswer() throws Exception {
        site.behave((request, c) -> c.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"));
        bench = new Bench(directory, site, site);
        try (Wire client = bench.client()) {
            assertThat(client.send(UPGRADE).answer().text()).isEqualTo("no");
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(401);
        }
        bench.await(s -> bench.streams(s) == 0 && bench.inFlight(s) == 0);
    }
}
