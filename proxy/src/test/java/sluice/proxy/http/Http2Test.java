package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.metrics.LoopMetrics;

/** Ordinary requests over HTTP/2, with the JDK's client and with frames. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class Http2Test {
    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Bench bench;
    private int port;

    private Bench bench(ProxyConfig.Limits limits) throws Exception {
        bench = BenchPlan.of(directory, site, site).with(limits).open();
        port = bench.listenTls();
        return bench;
    }

    private Http2Wire wire(int... settings) throws Exception {
        if (bench == null) {
            bench(ProxyConfig.Limits.DEFAULT);
        }
        return new Http2Wire(port, settings);
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        if (bench != null) {
            bench.close();
        }
    }

    private HttpClient jdk() throws Exception {
        bench(ProxyConfig.Limits.DEFAULT);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .sslContext(AnyCertificate.context())
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path));
    }

    @Test
    void theJdksClientGetsAndPosts() throws Exception {
        HttpClient client = jdk();
        HttpResponse<String> answer = client.send(request("/a?b=c").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(site.requests().get(0).line()).isEqualTo("GET /a?b=c HTTP/1.1");
        assertThat(site.requests().get(0).has("host: 127.0.0.1:" + port)).isTrue();
        assertThat(site.requests().get(0).has("X-Forwarded-Proto: https")).isTrue();
        assertThat(site.requests().get(0).has("X-Forwarded-For: 127.0.0.1")).isTrue();
        assertThat(bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP2)))
                .isEqualTo(1);
        assertThat(bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP1)))
                .isZero();

        byte[] much = new byte[5 << 20];
        new Random(1).nextBytes(much);
        assertThat(client.send(
                                request("/up")
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(much))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body())
                .isEqualTo("ok");
        assertThat(Arrays.equals(site.requests().get(1).body(), much)).isTrue();
    }

    @Test
    void theHeadersOfARequestReachTheSite() throws Exception {
        try (Http2Wire client = wire()) {
            int stream = client.request(
                    "GET",
                    "/x?y=%20z",
                    true,
                    "accept",
                    "*/*",
                    "cookie",
                    "a=1",
                    "te",
                    "trailers",
                    "cookie",
                    "b=2",
                    "signature",
                    "keyId=\"x\", s=\"y\"",
                    "x-forwarded-for",
                    "9.9.9.9",
                    "host",
                    "example.social");
            Http2Wire.Answer answer = client.answer(stream);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("content-length")).isEqualTo("2");
            assertThat(answer.text()).isEqualTo("ok");
        }
        LittleSite.Request asked = site.requests().get(0);
        assertThat(asked.line()).isEqualTo("GET /x?y=%20z HTTP/1.1");
        assertThat(asked.has("host: example.social")).isTrue();
        assertThat(asked.head().toLowerCase(java.util.Locale.ROOT).split("host: ", -1))
                .hasSize(2);
        assertThat(asked.has("cookie: a=1; b=2"))
                .as("crumbs are one line again")
                .isTrue();
        assertThat(asked.has("signature: keyId=\"x\", s=\"y\"")).isTrue();
        assertThat(asked.has("X-Forwarded-For: 127.0.0.1")).isTrue();
        assertThat(asked.head())
                .doesNotContain("9.9.9.9")
                .doesNotContain("te: ")
                .doesNotContain("chunked");
    }

    @Test
    void anAnswerLosesWhatIsForTheConnection() throws Exception {
        site.behave((request, c) -> c.send("HTTP/1.1 201 Made\r\nX-Big: A b \r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
                + "Keep-Alive: timeout=5\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n"));
        try (Http2Wire client = wire()) {
            Http2Wire.Answer answer = client.answer(client.get("/"));
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.text()).isEqualTo("abcdefg");
            assertThat(answer.field("x-big")).isEqualTo("A b");
            assertThat(answer.headers().getAll("set-cookie")).hasToString("[a=1, b=2]");
            assertThat(answer.field("date")).endsWith(" GMT");
            assertThat(answer.headers().size()).isEqualTo(5);
        }
    }

    @Test
    void answersWithoutABodyEndWithTheirHead() throws Exception {
        site.behave((request, c) -> c.send(
                request.line().startsWith("HEAD")
                        ? "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
                        : "HTTP/1.1 204 No Content\r\n\r\n"));
        try (Http2Wire client = wire()) {
            Http2Wire.Answer head = client.answer(client.request("HEAD", "/", true));
            assertThat(head.field("content-length")).isEqualTo("7");
            assertThat(head.body()).isEmpty();
            assertThat(client.answer(client.get("/")).status()).isEqualTo(204);
            assertThat(client.seen().stream().filter(f -> f.type() == Http2Wire.DATA))
                    .isEmpty();
        }
    }

    @Test
    void interimAnswersArePassedOnAnd100IsOurs() throws Exception {
        site.behave((request, c) -> c.send(
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        try (Http2Wire client = wire()) {
            int stream = client.request("POST", "/", false, "expect", "100-continue");
            Http2Wire.Frame goOn = client.next(stream);
            assertThat(goOn.headers().status()).hasToString("100");
            client.data(stream, "abc", true);
            Http2Wire.Answer answer = client.answer(stream);
            assertThat(answer.interim()).hasSize(1);
            assertThat(answer.interim().get(0).status()).hasToString("103");
            assertThat(answer.interim().get(0).get("link")).hasToString("</a>");
            assertThat(answer.text()).isEqualTo("ok");
        }
        assertThat(site.requests().get(0).body()).asString().isEqualTo("abc");
        assertThat(site.requests().get(0).head().toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("expect");
    }

    @Test
    void aBodyWithoutALengthGetsOneAndTrailersGoNoFurther() throws Exception {
        try (Http2Wire client = wire()) {
            int stream = client.request("POST", "/", false);
            client.data(stream, "abc", false);
            client.data(stream, "def", false);
            client.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
                    stream,
                    client.block("x-trailer", "1"));
            assertThat(client.answer(stream).text()).isEqualTo("ok");

            int sized = client.request("POST", "/", false, "content-length", "3");
            client.data(sized, "abc", false);
            client.data(sized, "", true);
            assertThat(client.answer(sized).text()).isEqualTo("ok");

            assertThat(client.answer(client.request("POST", "/", true)).text()).isEqualTo("ok");
        }
        LittleSite.Request unsized = site.requests().get(0);
        assertThat(unsized.body()).asString().isEqualTo("abcdef");
        assertThat(unsized.has("Content-Length: 6")).isTrue();
        assertThat(unsized.head()).doesNotContain("chunked").doesNotContain("x-trailer");
        assertThat(site.requests().get(1).body()).asString().isEqualTo("abc");
        assertThat(site.requests().get(2).body()).isEmpty();
    }

    @Test
    void aLongAnswerIsReadNoFasterThanTheClientTakesIt() throws Exception {
        byte[] much = new byte[24 << 20];
        new Random(2).nextBytes(much);
        AtomicLong written = new AtomicLong();
        site.behave((request, c) -> {
            if (!request.line().startsWith("GET /much")) {
                c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                return;
            }
            c.send("HTTP/1.1 200 OK\r\nContent-Length: " + much.length + "\r\n\r\n");
            for (int at = 0; at < much.length; at += 1 << 16) {
                c.out().write(much, at, 1 << 16);
                c.out().flush();
                written.addAndGet(1 << 16);
            }
        });
        // A window of nothing on every stream.
        try (Http2Wire client = wire(Http2Wire.INITIAL_WINDOW_SIZE, 0)) {
            int stream = client.get("/much");
            assertThat(client.next(stream).headers().status()).hasToString("200");
            bench.awaitStill(written::get);
            assertThat(written.get()).as("kept in sockets and buffers").isLessThan(much.length / 2);
            // Not the pool's size, which is also what earlier tests have left.
            assertThat(bench.onLoop(io.netty.buffer.PooledByteBufAllocator.DEFAULT::pinnedDirectMemory))
                    .isLessThan(much.length / 2);

            int other = client.get("/");
            client.window(other, 10);
            assertThat(client.answer(other).text())
                    .as("another stream is not held up")
                    .isEqualTo("ok");

            client.window(0, much.length);
            client.window(stream, much.length);
            byte[] got = client.answer(stream).body();
            assertThat(Arrays.equals(got, much)).isTrue();
        }
    }

    @Test
    void manyStreamsAtATimeEachGetTheirOwn() throws Exception {
        site.behave((request, c) -> {
            byte[] body = request.body();
            c.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n");
            c.out().write(body);
            c.out().flush();
        });
        try (Http2Wire client = wire()) {
            client.window(0, 8 << 20); // it reads them one after another
            String filler = "x".repeat(3000);
            for (int round = 0; round < 3; round++) {
                int[] streams = new int[100];
                for (int i = 0; i < streams.length; i++) {
                    streams[i] = client.post("/", i + filler);
                }
                for (int i = 0; i < streams.length; i++) {
                    assertThat(client.answer(streams[i]).text()).isEqualTo(i + filler);
                }
            }
        }
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    @Test
    void aSpooledBodyGoesThrough() throws Exception {
        bench(BenchPlan.limits(8 << 20, 1000, Duration.ofSeconds(20), Duration.ofSeconds(20)));
        byte[] much = new byte[4 << 20];
        new Random(4).nextBytes(much);
        try (Http2Wire client = wire()) {
            int stream = client.request("POST", "/", false, "content-length", "" + much.length);
            int sent = 0;
            assertThat(client.await(Http2Wire.WINDOW_UPDATE).stream()).isZero();
            int window = 512 << 10;
            int connection = 1 << 20;
            while (sent < much.length) {
                int n = Math.min(16_384, Math.min(much.length - sent, Math.min(window, connection)));
                if (n > 0) {
                    byte[] part = Arrays.copyOfRange(much, sent, sent + n);
                    sent += n;
                    window -= n;
                    connection -= n;
                    client.frame(Http2Wire.DATA, sent == much.length ? Http2Wire.END_STREAM : 0, stream, part);
                } else {
                    Http2Wire.Frame more = client.await(Http2Wire.WINDOW_UPDATE);
                    if (more.stream() == 0) {
                        connection += more.number(0);
                    } else {
                        window += more.number(0);
                    }
                }
            }
            assertThat(client.answer(stream).text()).isEqualTo("ok");
        }
        assertThat(Arrays.equals(site.requests().get(0).body(), much)).isTrue();
    }

    @Test
    void anAnswerBeforeTheEndOfTheRequestIsWholeAndThenTheStreamIsReset() throws Exception {
        bench(BenchPlan.limits(1000, 1000, Duration.ofSeconds(20), Duration.ofSeconds(20)));
        try (Http2Wire client = wire()) {
            int stream = client.request("POST", "/", false);
            client.data(stream, "x".repeat(2000), false);
            Http2Wire.Answer answer = client.answer(stream);
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.text()).contains("larger than 1000 bytes");
            Http2Wire.Frame reset = client.next(stream);
            assertThat(reset.type()).isEqualTo(Http2Wire.RST_STREAM);
            assertThat(reset.number(0)).as("NO_ERROR: RFC 9113, 8.1").isZero();
            client.data(stream, "more", true);
            assertThat(client.answer(client.get("/")).text()).isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void anAnswerThatBreaksOffIsAReset() throws Exception {
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            c.socket().close();
        });
        try (Http2Wire client = wire()) {
            Http2Wire.Answer answer = client.answer(client.get("/"));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.reset()).isEqualTo(2);
            site.behave((request, c) -> c.socket().close());
            assertThat(client.answer(client.get("/")).status()).isEqualTo(502);
        }
        bench.await(s -> bench.inFlight(s) == 0
                && bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    @Test
    void anAnswerThatEndsWithItsConnectionEnds() throws Exception {
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nas long as it is");
            c.socket().close();
        });
        try (Http2Wire client = wire()) {
            Http2Wire.Answer answer = client.answer(client.get("/"));
            assertThat(answer.reset()).isEqualTo(-1);
            assertThat(answer.text()).isEqualTo("as long as it is");
        }
    }

    @Test
    void whoWantsHttp11GetsIt() throws Exception {
        bench(ProxyConfig.Limits.DEFAULT);
        try (Wire client = new Wire(AnyCertificate.context()
                .getSocketFactory()
                .createSocket(java.net.InetAddress.getLoopbackAddress(), port))) {
            assertThat(client.get("/").text()).isEqualTo("ok");
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            assertThat(client.answer().status())
                    .as("the preface of HTTP/2 where HTTP/1.1 was agreed")
                    .isEqualTo(505);
        }
        try (Wire client = bench.client()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            assertThat(client.answer().status()).as("and in plain text").isEqualTo(505);
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void h2loadGetsEveryAnswer() throws Exception {
        bench(ProxyConfig.Limits.DEFAULT);
        String said = said("h2load", "-n3000", "-c10", "-m32", "https://127.0.0.1:" + port + "/");
        assertThat(said).contains("3000 succeeded, 0 failed", "Application protocol: h2");
        assertThat(said("h2load", "-n500", "-c5", "-m16", "-d", spoolable(), "https://127.0.0.1:" + port + "/"))
                .contains("500 succeeded, 0 failed");
        assertThat(site.requests()).hasSize(3500);
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    /** A file that is larger than what bodies may have in memory. */
    private String spoolable() throws IOException {
        byte[] much = new byte[100_000];
        new Random(5).nextBytes(much);
        return Files.write(directory.resolve("body"), much).toString();
    }

    private static String said(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void curlSpeaksIt() throws Exception {
        bench(ProxyConfig.Limits.DEFAULT);
        assertThat(said(
                        "curl",
                        "--http2",
                        "-sk",
                        "-w",
                        " %{http_version} %{http_code}",
                        "-d",
                        "a=b",
                        "https://127.0.0.1:" + port + "/api/v1/statuses"))
                .isEqualTo("ok 2 200");
        assertThat(site.requests().get(0).body()).asString().isEqualTo("a=b");
    }
}
