package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Scope;

/** Where bodies are kept, what happens when there is no room for one, and that everything is given back. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class BodyTest {
    private static final int KIB = 1024;

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Bench bench;
    private long memoryTotal;

    private Bench bench(long body, int memory, long memoryBudget, long spoolBudget) throws IOException {
        memoryTotal = memoryBudget;
        bench = BenchPlan.of(directory, site, site)
                .with(BenchPlan.bodyLimits(body, memory, memoryBudget, spoolBudget))
                .open();
        return bench;
    }

    @AfterEach
    void everythingIsGivenBack() throws IOException {
        try {
            bench.await(s -> inMemory() == 0 && bench.spool.used() == 0);
            assertThat(directory.resolve("spool")).isEmptyDirectory();
        } finally {
            site.close();
            bench.close();
        }
    }

    private long inMemory() {
        return memoryTotal - bench.onLoop(() -> bench.path.memory().left());
    }

    private static String head(int length) {
        return "POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static byte[] random(int length) {
        byte[] body = new byte[length];
        new Random(length).nextBytes(body);
        return body;
    }

    @Test
    void upToTheLimitInMemoryAboveItOnDisk() throws IOException {
        bench(1 << 20, 10 * KIB, 1 << 20, 1 << 20).hold(Scope.WRITES);
        List<byte[]> bodies = List.of(random(10 * KIB), random(10 * KIB + 1));
        try (Wire small = bench.client();
                Wire large = bench.client()) {
            small.send(head(10 * KIB)).send(bodies.get(0));
            bench.await(s -> s.waiting() == 1);
            assertThat(inMemory()).isEqualTo(10 * KIB);
            assertThat(bench.spool.used()).isZero();
            large.send(head(10 * KIB + 1)).send(bodies.get(1));
            bench.await(s -> s.waiting() == 2);
            assertThat(inMemory()).isEqualTo(10 * KIB);
            assertThat(bench.spool.used()).isEqualTo(10 * KIB + 1);
            bench.release(null);
            assertThat(small.answer().text()).isEqualTo("ok");
            assertThat(large.answer().text()).isEqualTo("ok");
        }
        assertThat(site.requests()).extracting(LittleSite.Request::body).containsExactlyInAnyOrderElementsOf(bodies);
    }

    @Test
    void whenTheMemoryForBodiesIsUsedUpTheDiskTakesThem() throws IOException {
        bench(1 << 20, 40 * KIB, 100 * KIB, 1 << 20).hold(Scope.WRITES);
        byte[] body = random(40 * KIB);
        List<Wire> clients = new ArrayList<>();
        try {
            for (int i = 1; i <= 4; i++) {
                Wire client = bench.client();
                clients.add(client);
                int waiting = i;
                if (i % 2 == 0) {
                    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n")
                            .send(Arrays.copyOf(body, 20 * KIB))
                            .send("\r\n5000\r\n")
                            .send(Arrays.copyOfRange(body, 20 * KIB, 40 * KIB))
                            .send("\r\n0\r\n\r\n");
                } else {
                    client.send(head(body.length)).send(body);
                }
                bench.await(s -> s.waiting() == waiting);
            }
            // Two whole ones fit; a third may have begun in memory, but what is on disk is there as a whole.
            assertThat(inMemory()).isEqualTo(80 * KIB);
            assertThat(bench.spool.used()).isEqualTo(80 * KIB);
            bench.release(null);
            for (Wire client : clients) {
                assertThat(client.answer().text()).isEqualTo("ok");
            }
        } finally {
            for (Wire client : clients) {
                client.close();
            }
        }
        assertThat(site.requests())
                .hasSize(4)
                .allSatisfy(r -> assertThat(Arrays.equals(r.body(), body)).isTrue());
    }

    /** What was counted as refused with this status. */
    private long refused(int status) {
        int place =
                Arrays.stream(LoopMetrics.refusalStatuses()).boxed().toList().indexOf(status);
        return bench.onLoop(() -> bench.metrics.refusedRequests(place));
    }

    @Test
    void whenTheSpoolIsFullTooTheClientIsAskedToRetryAndOthersGoOn() throws IOException {
        bench(8 << 20, 10 * KIB, 1 << 20, 1 << 20).hold(Scope.WRITES);
        try (Wire first = bench.client();
                Wire second = bench.client();
                Wire small = bench.client()) {
            first.send(head(900 * KIB)).send(random(900 * KIB));
            bench.await(s -> s.waiting() == 1);
            // It goes on sending, as clients do, and reads afterwards.
            second.send(head(8 << 20)).send(random(8 << 20));
            Wire.Answer answer = second.answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(Wire.number(answer.head(), "retry-after", -1)).isPositive();
            assertThat(answer.has("Connection: close")).isTrue();
            assertThat(second.closed()).as("an end, not a reset").isTrue();
            bench.await(s -> bench.spool.used() == 900 * KIB);
            assertThat(refused(503)).isEqualTo(1);
            small.send(head(100)).send(random(100));
            bench.await(s -> s.waiting() == 2);
            bench.release(null);
            assertThat(first.answer().text()).isEqualTo("ok");
            assertThat(small.answer().text()).isEqualTo("ok");
        }
        assertThat(bench.await(s -> s.waiting() == 0).routing().phase()).isEqualTo(Phase.OPEN);
        assertThat(site.requests()).hasSize(2);
    }

    @Test
    void aLengthThatIsTooLargeIsRefusedBeforeTheBodyIsRead() throws IOException {
        bench(1 << 20, 10 * KIB, 1 << 20, 1 << 30);
        try (Wire silent = bench.client();
                Wire expecting = bench.client();
                Wire sending = bench.client()) {
            silent.send(head((1 << 20) + 1));
            assertThat(silent.answer().status())
                    .as("nothing of the body has come")
                    .isEqualTo(413);
            assertThat(silent.closed()).isTrue();

            expecting.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n");
            assertThat(expecting.answer().status()).as("no 100 before").isEqualTo(413);
            assertThat(expecting.closed()).isTrue();

            sending.send(head(4 << 20)).send(new byte[4 << 20]);
            assertThat(sending.answer().has("Connection: close")).isTrue();
            assertThat(sending.closed()).as("an end, not a reset").isTrue();
            assertThat(refused(413)).isEqualTo(3);
        }
        try (Wire most = bench.client()) {
            assertThat(most.send(head(1 << 20)).send(new byte[1 << 20]).answer().text())
                    .isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void chunksThatBecomeTooMuchAreRefusedAtThatMoment() throws IOException {
        bench(100 * KIB, 10 * KIB, 1 << 20, 1 << 30);
        String chunk = "6400\r\n" + "x".repeat(25 * KIB) + "\r\n";
        try (Wire client = bench.client()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(4));
            bench.await(s -> bench.spool.used() == 100 * KIB);
            client.send("1\r\nx");
            assertThat(client.answer().status())
                    .as("though its end has not come")
                    .isEqualTo(413);
            client.send("\r\n0\r\n\r\n");
            assertThat(client.closed()).isTrue();
        }
        try (Wire client = bench.client()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(4)
                    + "0\r\n\r\n");
            assertThat(client.answer().text()).as("not one byte too many").isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void anAnswerBeforeTheUploadsEndIsPassedOn() throws Exception {
        site.close();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("http://127.0.0.1:" + server.getLocalPort());
            ProxyConfig.Upstream upstream = new ProxyConfig.Upstream(uri, uri, null, null);
            memoryTotal = 1 << 20;
            bench = BenchPlan.of(directory, upstream, upstream)
                    .with(BenchPlan.bodyLimits(64 << 20, 10 * KIB, 1 << 20, 1 << 30))
                    .open();
            try (Wire client = bench.client()) {
                client.send(head(32 << 20)).send(new byte[32 << 20]);
                try (Socket asked = server.accept()) {
                    assertThat(Wire.head(asked.getInputStream())).startsWith("POST /inbox ");
                    asked.getOutputStream()
                            .write("HTTP/1.1 422 No\r\nContent-Length: 2\r\n\r\nno"
                                    .getBytes(StandardCharsets.US_ASCII));
                    assertThat(client.answer().status()).isEqualTo(422);
                    bench.await(s -> s.writesInFlight() == 0 && bench.spool.used() == 0);
                    assertThat(bench.onLoop(() -> bench.path.pools().resting()))
                            .as("half a request is in that connection")
                            .isZero();
                }
                client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
                try (Socket fresh = server.accept()) {
                    assertThat(Wire.head(fresh.getInputStream())).startsWith("GET /next ");
                    fresh.getOutputStream().write("HTTP/1.1 204 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    assertThat(client.answer().status()).isEqualTo(204);
                }
            }
            assertThat(bench.state().unknownTotal()).isZero();
        }
    }

    @Test
    void aSlowEndOfATunnelSlowsTheOtherDown() throws Exception {
        bench(1 << 20, 10 * KIB, 1 << 20, 1 << 30);
        byte[] much = random(64 << 20);
        Counted down = new Counted();
        CompletableFuture<Void> mayRead = new CompletableFuture<>();
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        site.behave((request, c) -> {
            c.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
            down.write(c.socket(), much);
            mayRead.join();
            read.complete(c.in().readNBytes(much.length));
        });
        try (Wire client = bench.client()) {
            client.send(
                    "GET /api/v1/streaming HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(101);
            down.awaitStandstill(much.length);
            assertThat(Arrays.equals(client.in().readNBytes(much.length), much)).isTrue();

            Counted up = new Counted();
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> up.write(client.socket(), much));
            up.awaitStandstill(much.length);
            mayRead.complete(null);
            assertThat(Arrays.equals(read.get(20, TimeUnit.SECONDS), much)).isTrue();
            sent.get(20, TimeUnit.SECONDS);
        }
        bench.await(s -> bench.streams(s) == 0);
    }

    /** Writes in pieces and counts them. */
    private static final class Counted {
        private static final int PIECE = 1 << 16;
        private final java.util.concurrent.atomic.AtomicInteger written =
                new java.util.concurrent.atomic.AtomicInteger();

        void write(Socket to, byte[] much) {
            try {
                for (int at = 0; at < much.length; at += PIECE) {
                    to.getOutputStream().write(much, at, PIECE);
                    written.addAndGet(PIECE);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        /** Until nothing more is taken for half a second: every buffer in between is full then, and holds a part only. */
        void awaitStandstill(int all) throws InterruptedException {
            int before = -1;
            while (before != written.get()) {
                before = written.get();
                java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            }
            assertThat(before).as("taken though nobody reads").isPositive().isLessThan(all / 2);
        }
    }
}
