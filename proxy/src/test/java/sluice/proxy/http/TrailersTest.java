package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.route.Scope;

/** Fields behind a body, on real sockets. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class TrailersTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String END = "0\r\nServer-Timing: db;dur=53\r\nX-Real-IP: 6.6.6.6\r\nX-B:  2\r\n\r\n";
    private static final String PASSED = "0\r\nServer-Timing: db;dur=53\r\nX-B: 2\r\n\r\n";

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
        bench.close();
        site.close();
    }

    @Test
    void ofAnAnswerGoToAnHttp11ClientInItsChunks() throws Exception {
        for (int cut = 0; cut < END.length(); cut++) {
            int at = cut;
            CountDownLatch read = new CountDownLatch(1);
            site.behave((request, c) -> {
                c.send(HEAD + "2\r\nok\r\n" + END.substring(0, at));
                await(read);
                c.send(END.substring(at));
            });
            try (Wire client = bench.client()) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                String head = Wire.head(client.in());
                assertThat(head).contains("ransfer-Encoding: chunked");
                assertThat(text(client, 7)).isEqualTo("2\r\nok\r\n");
                read.countDown();
                assertThat(text(client, PASSED.length())).as("cut at %d", at).isEqualTo(PASSED);
                site.behave((request, c) -> c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
                assertThat(client.get("/").text())
                        .as("the connection is in order")
                        .isEqualTo("ok");
            }
        }
    }

    @Test
    void ofAnAnswerThatComesAtOnceToo() throws Exception {
        site.behave((request, c) -> c.send(HEAD + "2\r\nok\r\n" + END));
        try (Wire client = bench.client()) {
            for (int i = 0; i < 2; i++) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                Wire.head(client.in());
                assertThat(text(client, 7 + PASSED.length())).isEqualTo("2\r\nok\r\n" + PASSED);
            }
        }
        assertThat(site.connections()).isEqualTo(1);
    }

    @Test
    void ofAnAnswerEndItsStreamOverHttp2() throws Exception {
        site.behave((request, c) -> {
            if (request.line().contains("/with")) {
                c.send(HEAD + "2\r\nok\r\n" + END);
            } else {
                c.send(HEAD + "2\r\nok\r\n0\r\n\r\n");
            }
        });
        try (Http2Wire client = new Http2Wire(bench.listenTls())) {
            Http2Wire.Answer with = client.answer(client.get("/with"));
            assertThat(with.text()).isEqualTo("ok");
            assertThat(with.trailers()).hasSize(2);
            assertThat(with.trailers().get("server-timing")).hasToString("db;dur=53");
            assertThat(with.trailers().get("x-b")).hasToString("2");
            assertThat(client.answer(client.get("/plain")).trailers()).isNull();
        }
    }

    @Test
    void areLeftOutWhereThereIsNoPlaceForThem() throws Exception {
        site.behave((request, c) -> c.send(HEAD + "2\r\nok\r\n" + END));
        try (Wire client = bench.client()) {
            client.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
            Wire.head(client.in());
            assertThat(client.in().readAllBytes()).asString().isEqualTo("ok");
        }
        String text = "x".repeat(3000);
        site.behave((request, c) ->
                c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(text.length()) + "\r\n" + text + "\r\n" + END));
        try (Http2Wire client = new Http2Wire(bench.listenTls())) {
            Http2Wire.Answer zipped = client.answer(client.request("GET", "/", true, "accept-encoding", "gzip"));
            assertThat(zipped.field("content-encoding")).isEqualTo("gzip");
            assertThat(zipped.trailers()).as("they are for the text as it was").isNull();
        }
    }

    /** Reads a request's body in chunks, and answers. */
    private void readsChunks(List<String> bodies) {
        site.behave((request, c) -> {
            StringBuilder body = new StringBuilder();
            if (request.has("Transfer-Encoding: chunked")) {
                while (body.length() < 4 || body.indexOf("\r\n\r\n", body.length() - 4) < 0) {
                    body.append((char) c.in().read());
                }
            }
            bodies.add(body.toString());
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 20_000, 300_000})
    void ofARequestReachTheSiteThoughItHadToWait(int size) throws Exception {
        List<String> bodies = new CopyOnWriteArrayList<>();
        readsChunks(bodies);
        String body = "b".repeat(size);
        String sent = (size == 0 ? "" : Integer.toHexString(size) + "\r\n" + body + "\r\n")
                + "0\r\nContent-Digest: sha-256=:x:\r\nContent-Length: 9\r\nCookie: a\r\n\r\n";
        bench.hold(Scope.WRITES);
        try (Wire one = bench.client();
                Http2Wire two = new Http2Wire(bench.listenTls())) {
            one.send("POST /one HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + sent);
            bench.await(s -> s.waiting() == 1);
            int stream = two.request("POST", "/two", false);
            for (int at = 0; at < size; at += 10_000) {
                two.data(stream, body.substring(at, Math.min(size, at + 10_000)), false);
            }
            two.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
                    stream,
                    two.block("content-digest", "sha-256=:x:", "x-real-ip", "6.6.6.6"));
            bench.await(s -> s.waiting() == 2);
            bench.release(null);
            assertThat(one.answer().text()).isEqualTo("ok");
            assertThat(two.answer(stream).text()).isEqualTo("ok");
            assertThat(one.post("/plain", "x").text()).isEqualTo("ok");
        }
        String chunk = size == 0 ? "" : Integer.toHexString(size) + "\r\n" + body + "\r\n";
        assertThat(bodies.get(0)).isEqualTo(chunk + "0\r\nContent-Digest: sha-256=:x:\r\n\r\n");
        assertThat(bodies.get(1)).isEqualTo(chunk + "0\r\ncontent-digest: sha-256=:x:\r\n\r\n");
        assertThat(bodies.get(2)).isEmpty();
        assertThat(site.requests().get(0).has("Connection: close")).isTrue();
        assertThat(site.requests().get(0).head()).doesNotContain("Content-Length");
        assertThat(site.connections())
                .as("none carries a request behind trailers")
                .isEqualTo(3);
    }

    @Test
    void ofARequestWithALengthAreLeftOut() throws Exception {
        try (Http2Wire client = new Http2Wire(bench.listenTls())) {
            int stream = client.request("POST", "/", false, "content-length", "2");
            client.data(stream, "ab", false);
            client.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
                    stream,
                    client.block("content-digest", "x"));
            assertThat(client.answer(stream).text()).isEqualTo("ok");
        }
        assertThat(site.requests().get(0).has("content-length: 2")).isTrue();
        assertThat(site.requests().get(0).body()).asString().isEqualTo("ab");
    }

    private static String text(Wire client, int length) throws IOException {
        return new String(client.in().readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
