package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.accesslog.AccessLog;
import sluice.proxy.accesslog.LineForm;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Scope;

/** What real requests leave in a real access log. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class RequestLogTest {
    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Path file;
    private AccessLog log;
    private PublicFiles files;
    private Bench bench;

    private Bench bench(LineForm form) throws IOException {
        return bench(form, ProxyConfig.Limits.DEFAULT);
    }

    private Bench bench(LineForm form, ProxyConfig.Limits limits) throws IOException {
        file = directory.resolve("access.log");
        log = AccessLog.open(file, form, Clock.systemUTC());
        BenchPlan plan = BenchPlan.of(directory, site, site).with(limits).with(log);
        bench = (files == null ? plan : plan.with(files)).open();
        return bench;
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        if (bench != null) {
            bench.close();
            log.close();
        }
        if (files != null) {
            files.close();
        }
    }

    /** The lines, when there are so many. */
    private List<String> lines(int n) throws IOException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        List<String> lines = Files.readAllLines(file);
        while (lines.size() < n && System.nanoTime() < until) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            lines = Files.readAllLines(file);
        }
        assertThat(lines).hasSize(n);
        return lines;
    }

    private JsonNode json(String line) throws IOException {
        return new ObjectMapper().readTree(line);
    }

    private static String timeless(String line) {
        return line.replaceFirst("\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\]", "[T]");
    }

    @Test
    void combinedOverHttp1() throws IOException {
        try (Wire client = bench(LineForm.COMBINED).client()) {
            client.send("GET http://example.social/a?b=%22&access_token=S HTTP/1.1\r\nHost: example.social\r\n"
                            + "Referer: https://a.example/\r\nUser-Agent: \"me\"\r\n\r\n")
                    .answer();
            client.send("HEAD /b HTTP/1.0\r\nHost: a\r\n\r\n").answer(true);
        }
        assertThat(lines(2).stream().map(RequestLogTest::timeless))
                .containsExactly(
                        "127.0.0.1 - - [T] \"GET http://example.social/a?b=%22&access_token=- HTTP/1.1\" 200 2"
                                + " \"https://a.example/\" \"\\x22me\\x22\"",
                        "127.0.0.1 - - [T] \"HEAD /b HTTP/1.0\" 200 0 \"-\" \"-\"");
    }

    @Test
    void combinedOverHttp2() throws Exception {
        bench(LineForm.COMBINED);
        try (Http2Wire client = new Http2Wire(bench.listenTls())) {
            client.answer(client.request("GET", "/a?b", true, "user-agent", "h2", "referer", "r"));
            client.answer(client.post("/inbox", "x".repeat(100)));
        }
        assertThat(lines(2).stream().map(RequestLogTest::timeless))
                .containsExactly(
                        "127.0.0.1 - - [T] \"GET /a?b HTTP/2.0\" 200 2 \"r\" \"h2\"",
                        "127.0.0.1 - - [T] \"POST /inbox HTTP/2.0\" 200 2 \"-\" \"-\"");
    }

    @Test
    void jsonOverBothWithUpstreamClassAndWait() throws Exception {
        bench(LineForm.JSON).hold(Scope.WRITES);
        try (Wire one = bench.client();
                Http2Wire two = new Http2Wire(bench.listenTls())) {
            one.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
            int stream = two.post("/api/v1/statuses", "y");
            bench.await(s -> s.waiting() == 2 && s.oldestNanos() > 20_000_000);
            bench.release(null);
            one.answer();
            two.answer(stream);
        }
        for (String line : lines(2)) {
            JsonNode json = json(line);
            boolean second = json.get("protocol").asText().equals("HTTP/2.0");
            assertThat(json.get("path").asText()).isEqualTo(second ? "/api/v1/statuses" : "/inbox");
            assertThat(json.get("class").asText()).isEqualTo(second ? "write" : "inbox");
            assertThat(json.get("method").asText()).isEqualTo("POST");
            assertThat(json.get("upstream").asText()).isEqualTo("old");
            assertThat(json.get("status").asInt()).isEqualTo(200);
            assertThat(json.get("bytes").asInt()).isEqualTo(2);
            assertThat(json.get("wait_ms").asInt()).isBetween(second ? 0 : 20, 20_000);
            assertThat(json.get("upstream_ms").asInt()).isBetween(0, 20_000);
        }
    }

    @Test
    void filesShedRequestsAndRefusedOnesHaveNoUpstream() throws Exception {
        PublicFolder folder = new PublicFolder(directory);
        files = new PublicFiles(
                folder.root,
                ProxyConfig.Preset.MASTODON,
                ProxyConfig.Files.byDefault(ProxyConfig.Preset.MASTODON),
                System::nanoTime,
                Clock.systemUTC());
        bench(LineForm.JSON);
        try (Wire client = bench.client();
                Wire bad = bench.client();
                Wire worse = bench.client()) {
            assertThat(client.get("/robots.txt").status()).isEqualTo(200);
            assertThat(client.get("/packs/big.bin").body()).hasSize(300_000);
            assertThat(client.get("/packs/none.js").status()).isEqualTo(404);
            bad.send("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\n b\r\n\r\n");
            assertThat(bad.answer().status()).isEqualTo(400);
            worse.send("\u0016\u0003 \"what\r\n");
            assertThat(worse.answer().status()).isEqualTo(400);
        }
        List<String> lines = lines(5);
        for (String line : lines) {
            assertThat(json(line).get("upstream").asText()).isEqualTo("-");
            assertThat(json(line).get("upstream_ms").isNull()).isTrue();
        }
        assertThat(json(lines.get(0)).get("bytes").asInt()).isEqualTo(Files.size(folder.root.resolve("robots.txt")));
        assertThat(json(lines.get(0)).get("class").asText()).isEqualTo("read");
        assertThat(json(lines.get(1)).get("bytes").asInt()).isEqualTo(300_000);
        assertThat(json(lines.get(2)).get("status").asInt()).isEqualTo(404);
        assertThat(json(lines.get(3)).get("status").asInt()).isEqualTo(400);
        assertThat(json(lines.get(3)).get("method").asText()).isEqualTo("GET");
        assertThat(json(lines.get(4)).get("status").asInt()).isEqualTo(400);
        assertThat(json(lines.get(4)).get("method").asText()).isEqualTo("-");
        assertThat(json(lines.get(4)).get("path").asText()).isEqualTo("\u0016\u0003 \"what");
        assertThat(json(lines.get(4)).get("class").asText()).isEqualTo("-");
    }

    @Test
    void aRequestThatWasShed() throws Exception {
        bench(LineForm.JSON).hold(Scope.WRITES);
        try (Wire client = bench.client();
                Http2Wire second = new Http2Wire(bench.listenTls())) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
            int stream = second.post("/inbox", "y");
            bench.await(s -> s.waiting() == 2);
            bench.gate.stop().toCompletableFuture().join();
            assertThat(client.answer().status()).isEqualTo(503);
            assertThat(second.answer(stream).status()).isEqualTo(503);
        }
        for (String line : lines(2)) {
            assertThat(json(line).get("status").asInt()).isEqualTo(503);
            assertThat(json(line).get("upstream").asText()).isEqualTo("-");
            assertThat(json(line).get("class").asText()).isEqualTo("inbox");
        }
    }

    @Test
    void clientsThatHaveGone() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        site.behave((request, c) -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        bench(LineForm.JSON);
        try (Wire reader = bench.client();
                Http2Wire second = new Http2Wire(bench.listenTls())) {
            reader.send("GET /read HTTP/1.1\r\nHost: a\r\n\r\n");
            int stream = second.get("/second");
            bench.await(s -> site.requests().size() == 2);
            second.reset(stream);
            assertThat(json(lines(1).get(0)).get("status").asInt()).isEqualTo(499);
            reader.socket().setSoLinger(true, 0);
            reader.socket().close();
            assertThat(json(lines(2).get(1)).get("status").asInt()).isEqualTo(499);
            try (Wire writer = bench.client()) {
                writer.send("POST /write HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
                bench.await(s -> site.requests().size() == 3);
                writer.socket().setSoLinger(true, 0);
            }
            bench.await(s -> bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP1)) == 0);
            go.countDown();
            JsonNode write = json(lines(3).get(2));
            assertThat(write.get("status").asInt()).isEqualTo(499);
            assertThat(write.get("upstream").asText()).isEqualTo("old");
        }
    }

    @Test
    void aWebSocketAtItsEndWithItsBytes() throws Exception {
        byte[] frame = {(byte) 0x81, 3, 'a', 'b', 'c'};
        site.behave((request, c) -> {
            c.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
            c.out().write(frame);
            c.out().flush();
            c.in().read();
        });
        try (Wire client = bench(LineForm.JSON).client()) {
            client.send("GET /api/v1/streaming?access_token=S HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(101);
            assertThat(client.in().readNBytes(frame.length)).isEqualTo(frame);
            lines(0);
        }
        JsonNode json = json(lines(1).get(0));
        assertThat(json.get("status").asInt()).isEqualTo(101);
        assertThat(json.get("bytes").asInt()).isEqualTo(frame.length);
        assertThat(json.get("class").asText()).isEqualTo("stream");
        assertThat(json.get("path").asText()).isEqualTo("/api/v1/streaming?access_token=-");
    }

    @Test
    void aBodyThatTookTooLong() throws Exception {
        ProxyConfig.Limits limits = BenchPlan.bodyTime(Duration.ofSeconds(60), 0, Duration.ofMillis(500));
        try (Wire client = bench(LineForm.JSON, limits).client()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx");
            assertThat(client.answer().status()).isEqualTo(408);
        }
        JsonNode json = json(lines(1).get(0));
        assertThat(json.get("status").asInt()).isEqualTo(408);
        assertThat(json.get("upstream").asText()).isEqualTo("-");
    }

    @Test
    void whatIsUpstreamsIsCountedByItsFramesOnTheWire() throws IOException {
        site.behave((request, c) ->
                c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "a\r\n0123456789\r\n0\r\n\r\n"));
        try (Wire client = bench(LineForm.JSON).client()) {
            assertThat(client.get("/").text()).isEqualTo("0123456789");
        }
        assertThat(json(lines(1).get(0)).get("bytes").asInt())
                .as("with its chunks, as nginx counts")
                .isEqualTo(20);
    }
}
