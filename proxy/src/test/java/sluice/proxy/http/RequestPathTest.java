package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;

/** Requests and answers, on real sockets, with the gate open. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class RequestPathTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private final LittleSite other = LittleSite.ok();
    private Bench bench;

    private Bench bench() throws IOException {
        return bench(ProxyConfig.Limits.DEFAULT);
    }

    private Bench bench(ProxyConfig.Limits limits) throws IOException {
        bench = BenchPlan.of(directory, site, other).with(limits).open();
        return bench;
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        other.close();
        if (bench != null) {
            bench.close();
        }
    }

    @Test
    void keepsBothConnectionsAlive() throws IOException {
        try (Wire client = bench().client()) {
            for (int i = 0; i < 5; i++) {
                Wire.Answer answer = client.get("/" + i);
                assertThat(answer.text()).isEqualTo("ok");
                assertThat(answer.head()).matches("HTTP/1\\.1 200 OK\r\nContent-Length: 2\r\nDate: [^\r]+ GMT\r\n\r\n");
            }
        }
        assertThat(site.connections()).isEqualTo(1);
        assertThat(site.requests()).hasSize(5);
        assertThat(site.requests().get(0).head())
                .isEqualTo("GET /0 HTTP/1.1\r\nHost: example.social\r\nX-Forwarded-For: 127.0.0.1\r\n"
                        + "X-Forwarded-Proto: http\r\nX-Real-IP: 127.0.0.1\r\n\r\n");
        assertThat(bench.answered(2)).isEqualTo(5);
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void servesPipelinedRequestsOneAfterAnother() throws IOException {
        site.behave((request, c) ->
                c.send("HTTP/1.1 200 OK\r\nContent-Length: " + request.line().length() + "\r\n\r\n" + request.line()));
        try (Wire client = bench().client()) {
            client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                    + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            assertThat(client.answer().text()).isEqualTo("GET /1 HTTP/1.1");
            assertThat(client.answer().text()).isEqualTo("POST /2 HTTP/1.1");
            assertThat(client.answer().text()).isEqualTo("GET /3 HTTP/1.1");
            Wire.Answer last = client.answer();
            assertThat(last.text()).isEqualTo("GET /4 HTTP/1.1");
            assertThat(last.has("Connection: close")).isTrue();
            assertThat(client.closed()).isTrue();
        }
        assertThat(site.requests().get(1).body()).asString().isEqualTo("abc");
    }

    @Test
    void takesChunkedRequestsAndPassesChunkedAnswers() throws IOException {
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n5;x=y\r\nhello\r\n");
            c.send("1\r\n \r\n5\r\nwo");
            c.send("rld\r\n0\r\nTrailer: x\r\n\r\n");
        });
        try (Wire client = bench().client()) {
            for (int i = 0; i < 3; i++) {
                client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
                client.send("2\r\nde\r\n0\r\n\r\n");
                Wire.Answer answer = client.answer();
                assertThat(answer.text()).isEqualTo("hello world");
                assertThat(answer.head()).doesNotContain("Connection");
            }
        }
        assertThat(site.connections()).isEqualTo(1);
        assertThat(site.requests().get(2).body()).asString().isEqualTo("abcde");
        assertThat(site.requests().get(2).has("Content-Length: 5")).isTrue();
        assertThat(site.requests().get(2).head()).doesNotContain("Transfer-Encoding");
    }

    @Test
    void anHttp10ClientGetsNoChunks() throws IOException {
        site.behave((request, c) ->
                c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));
        try (Wire client = bench().client()) {
            Wire.Answer answer =
                    client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n").answer();
            assertThat(answer.text()).isEqualTo("hello world");
            assertThat(answer.head()).doesNotContain("Transfer-Encoding").contains("Connection: close");
        }
        site.behave((request, c) -> c.send(OK));
        try (Wire client = bench.client()) {
            for (int i = 0; i < 2; i++) {
                client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
                assertThat(client.answer().has("Connection: keep-alive")).isTrue();
            }
        }
    }

    @Test
    void answersWithoutABodyLeaveTheConnectionUsable() throws IOException {
        site.behave((request, c) -> {
            if (request.line().startsWith("HEAD")) {
                c.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            } else if (request.line().contains("/204")) {
                c.send("HTTP/1.1 204 No Content\r\n\r\n");
            } else if (request.line().contains("/304")) {
                c.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\nETag: \"x\"\r\n\r\n");
            } else if (request.line().contains("/103")) {
                c.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            } else {
                c.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        try (Wire client = bench().client()) {
            Wire.Answer head = client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").answer(true);
            assertThat(head.has("Content-Length: 1000")).isTrue();
            assertThat(client.get("/204").status()).isEqualTo(204);
            assertThat(client.get("/304").has("Content-Length: 77")).isTrue();
            Wire.Answer hints = client.get("/103");
            assertThat(hints.status()).isEqualTo(103);
            assertThat(hints.has("Link: </x>")).isTrue();
            assertThat(client.answer().text()).isEqualTo("ok");
            assertThat(client.get("/0").status()).isEqualTo(200);
        }
        assertThat(site.connections()).isEqualTo(1);
    }

    @Test
    void passesAnAnswerThatEndsWithTheConnection() throws IOException {
        site.behave((request, c) -> {
            c.send("HTTP/1.0 200 OK\r\n\r\nhello");
            c.socket().close();
        });
        try (Wire client = bench().client()) {
            Wire.Answer answer = client.get("/");
            assertThat(answer.text()).isEqualTo("hello");
            assertThat(answer.head()).startsWith("HTTP/1.1 200 OK").contains("Connection: close");
        }
    }

    @Test
    void answersExpectAtOnce() throws IOException {
        try (Wire client = bench().client()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(100);
            assertThat(site.requests()).isEmpty();
            assertThat(client.send("abc").answer().text()).isEqualTo("ok");
            assertThat(site.requests().get(0).head()).doesNotContain("Expect");
            assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n")
                            .answer()
                            .status())
                    .isEqualTo(417);
        }
    }

    @Test
    void spoolsALargeUploadByteForByte() throws IOException {
        byte[] body = new byte[10 << 20];
        new Random(7).nextBytes(body);
        AtomicLong spooled = new AtomicLong();
        site.behave((request, c) -> {
            spooled.set(bench.spool.used());
            c.send(OK);
        });
        try (Wire client = bench().client()) {
            for (int i = 0; i < 2; i++) {
                client.send("POST /api/v2/media HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n");
                client.send(body);
                assertThat(client.answer().text()).isEqualTo("ok");
            }
            client.send("POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < body.length; at += 1 << 16) {
                client.send("10000\r\n")
                        .send(Arrays.copyOfRange(body, at, at + (1 << 16)))
                        .send("\r\n");
            }
            assertThat(client.send("0\r\n\r\n").answer().text()).isEqualTo("ok");
        }
        assertThat(site.requests())
                .hasSize(3)
                .allSatisfy(r -> assertThat(Arrays.equals(r.body(), body)).isTrue());
        assertThat(spooled.get()).isEqualTo(body.length);
        bench.await(s -> bench.spool.used() == 0);
        assertThat(bench.onLoop(() -> bench.path.memory().left()))
                .isEqualTo(ProxyConfig.Limits.DEFAULT.bodyMemoryTotal());
        assertThat(directory.resolve("spool")).isEmptyDirectory();
    }

    @Test
    void aMiddlingBodyGoesInTwoBuffersAndMemoryIsGivenBack() throws IOException {
        byte[] body = new byte[50_000];
        new Random(8).nextBytes(body);
        try (Wire client = bench().client()) {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .send(body);
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        assertThat(site.requests().get(0).body()).isEqualTo(body);
        assertThat(bench.onLoop(() -> bench.path.memory().left()))
                .isEqualTo(ProxyConfig.Limits.DEFAULT.bodyMemoryTotal());
    }

    @Test
    void refusesABodyThatIsTooLarge() throws IOException {
        Bench b = bench(BenchPlan.limits(100_000, 1000, Duration.ofSeconds(20), Duration.ofSeconds(20)));
        try (Wire client = b.client()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(413);
            assertThat(client.closed()).isTrue();
        }
        try (Wire client = b.client()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 101; i++) {
                client.send("3e8\r\n" + "x".repeat(1000) + "\r\n");
            }
            assertThat(client.answer().status()).isEqualTo(413);
        }
        assertThat(site.requests()).isEmpty();
        b.await(s -> b.spool.used() == 0);
    }

    @Test
    void refusesWhatIsNotHttpAndReadsNoFurther() throws IOException {
        bench();
        for (String bad : new String[] {
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd"
        }) {
            try (Wire client = bench.client()) {
                client.send(bad + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
                Wire.Answer answer = client.answer();
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.has("Connection: close")).isTrue();
                assertThat(client.closed()).isTrue();
            }
        }
        assertThat(site.requests()).isEmpty();
        try (Wire client = bench.client()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
            assertThat(client.answer().status())
                    .as("invariant 8: no 431 for a POST")
                    .isEqualTo(400);
        }
        try (Wire client = bench.client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nX: " + "x".repeat(20_000));
            Wire.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(431);
            assertThat(answer.text()).startsWith("{\"error\":\"");
        }
    }

    @Test
    void aSlowReaderSlowsTheUpstreamDown() throws Exception {
        byte[] body = new byte[64 << 20];
        new Random(9).nextBytes(body);
        AtomicInteger written = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
            for (int at = 0; at < body.length; at += 1 << 16) {
                c.out().write(body, at, 1 << 16);
                written.addAndGet(1 << 16);
            }
            c.out().flush();
            done.countDown();
        });
        try (Wire client = bench().client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            // It stands still when every buffer in between is full: two kernels' and the proxy's few.
            int before = -1;
            while (before != written.get()) {
                before = written.get();
                assertThat(done.await(500, java.util.concurrent.TimeUnit.MILLISECONDS))
                        .as("the upstream could write everything though nobody reads")
                        .isFalse();
            }
            assertThat(before).isPositive().isLessThan(body.length / 2);
            assertThat(Arrays.equals(client.answer().body(), body)).isTrue();
        }
        assertThat(done.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTruncatedAnswerIsSeenToBeTruncated() throws IOException {
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            c.socket().close();
        });
        try (Wire client = bench().client()) {
            assertThatThrownBy(() -> client.get("/")).isInstanceOf(IOException.class);
        }
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
            c.socket().close();
        });
        try (Wire client = bench.client()) {
            assertThatThrownBy(() -> client.get("/"))
                    .isInstanceOfAny(EOFException.class, IOException.class, NumberFormatException.class);
        }
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void anAnswerThatIsNotHttpIs502() throws IOException {
        bench();
        for (String bad : new String[] {
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n"
        }) {
            site.behave((request, c) -> c.send(bad));
            try (Wire client = bench.client()) {
                assertThat(client.get("/").status()).as(bad).isEqualTo(502);
            }
        }
    }

    @Test
    void aByteBehindAnAnswerEndsTheUpstreamConnection() throws IOException {
        site.behave((request, c) -> c.send(OK + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
        try (Wire client = bench().client()) {
            assertThat(client.get("/1").text()).isEqualTo("ok");
            assertThat(client.get("/2").text()).isEqualTo("ok");
        }
        assertThat(site.connections()).isEqualTo(2);
    }

    @Test
    void anUpstreamThatSaysCloseIsNotReused() throws IOException {
        site.behave((request, c) -> c.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"));
        try (Wire client = bench().client()) {
            assertThat(client.get("/1").head()).doesNotContain("close");
            assertThat(client.get("/2").text()).isEqualTo("ok");
        }
        assertThat(site.connections()).isEqualTo(2);
    }

    @Test
    void clientsThatDoNotGetOnAreSentAway() throws IOException {
        Bench b = bench(BenchPlan.limits(1000, 1000, Duration.ofMillis(100), Duration.ofSeconds(20)));
        try (Wire idle = b.client();
                Wire head = b.client();
                Wire body = b.client()) {
            head.send("GET / HTTP/1.1\r\nHost");
            body.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
            assertThat(idle.closed()).isTrue();
            assertThat(head.answer().status()).isEqualTo(408);
            assertThat(body.answer().status()).isEqualTo(408);
        }
        assertThat(site.requests()).isEmpty();
    }

    @Test
    void stopsGracefully() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        site.behave((request, c) -> {
            asked.countDown();
            awaitUninterruptibly(goOn);
            c.send(OK);
        });
        try (Wire busy = bench().client();
                Wire idle = bench.client()) {
            idle.send("");
            busy.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
            asked.await();
            var stopped = bench.path.stop();
            assertThat(idle.closed()).isTrue();
            assertThat(stopped.isDone()).isFalse();
            goOn.countDown();
            Wire.Answer answer = busy.answer();
            assertThat(answer.text()).isEqualTo("ok");
            assertThat(answer.has("Connection: close")).isTrue();
            assertThat(busy.closed()).isTrue();
            assertThat(stopped.await(10_000)).isTrue();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
