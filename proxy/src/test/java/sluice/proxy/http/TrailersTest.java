package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
