package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Text that the site sends, compressed on its way; what nginx does with each kind is compared in NginxIT. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class GzipPathTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Bench bench;

    @BeforeEach
    void open() throws IOException {
        bench = new Bench(directory, site, site);
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        bench.close();
    }

    private static String unzipped(Wire.Answer answer) throws IOException {
        assertThat(answer.has("Content-Encoding: gzip")).isTrue();
        return new String(
                new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A text of a length with some entropy in it. */
    private static String text(int length) {
        Random random = new Random(length);
        StringBuilder text = new StringBuilder(length);
        while (text.length() < length) {
            text.append("\"id\":").append(random.nextInt(100_000)).append(',');
        }
        return text.substring(0, length);
    }

    @Test
    void allSizesAndWaysOfFramingOnOneConnection() throws IOException {
        try (Wire client = bench.client()) {
            for (int length : new int[] {20, 100, 8_000, 70_000, 1_000_000}) {
                String text = text(length);
                for (boolean chunked : new boolean[] {false, true}) {
                    site.behave((request, c) -> {
                        c.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + length)
                                + "\r\n\r\n");
                        for (int at = 0; at < length; at += 9_999) {
                            String part = text.substring(at, Math.min(length, at + 9_999));
                            c.send(chunked ? Integer.toHexString(part.length()) + "\r\n" + part + "\r\n" : part);
                        }
                        c.send(chunked ? "0\r\nTrailer: x\r\n\r\n" : "");
                    });
                    Wire.Answer answer = client.send(GET).answer();
                    assertThat(unzipped(answer)).isEqualTo(text);
                    assertThat(answer.head()).doesNotContain("Content-Length").contains("Vary: Accept-Encoding\r\n");
                    if (length > 1000) {
                        assertThat(answer.body().length).isLessThan(length / 2);
                    }
                }
            }
        }
        assertThat(site.connections()).isEqualTo(1);
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void aBodyUntilTheCloseNeedNotEndTheClientsConnection() throws IOException {
        String text = text(5_000);
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + text);
            c.socket().close();
        });
        try (Wire client = bench.client()) {
            assertThat(unzipped(client.send(GET).answer())).isEqualTo(text);
            assertThat(unzipped(client.send(GET).answer())).isEqualTo(text);
        }
    }

    @Test
    void whatTheSiteSendsAheadComesAhead() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n");
            c.send("18\r\nthe beginning of a page, \r\n".replace("18", "19"));
            try {
                assertThat(seen.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            c.send("7\r\nthe end\r\n0\r\n\r\n");
        });
        try (Wire client = bench.client()) {
            InputStream in = client.send(GET).in();
            assertThat(Wire.head(in)).contains("Content-Encoding: gzip");
            byte[] chunk = in.readNBytes(Integer.parseInt(Wire.line(in), 16));
            Inflater inflater = new Inflater(true);
            inflater.setInput(chunk, 10, chunk.length - 10);
            byte[] out = new byte[100];
            int n = inflater.inflate(out);
            inflater.end();
            assertThat(new String(out, 0, n, StandardCharsets.US_ASCII)).isEqualTo("the beginning of a page, ");
            seen.countDown();
        }
    }

    @Test
    void anEventStreamIsNot() throws IOException {
        site.behave((request, c) -> c.send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 40\r\n\r\n" + "x".repeat(40)));
        try (Wire client = bench.client()) {
            assertThat(client.send(GET).answer().head()).doesNotContain("gzip", "Vary");
        }
    }

    @Test
    void whatIsNotToBeTransformedOrHasADigestIsNot() throws IOException {
        for (String field : new String[] {"Cache-Control: private, no-transform", "Digest: x", "Content-Digest: x"}) {
            site.behave((request, c) -> c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + field
                    + "\r\nContent-Length: 40\r\n\r\n" + "x".repeat(40)));
            try (Wire client = bench.client()) {
                assertThat(client.send(GET).answer().text()).isEqualTo("x".repeat(40));
            }
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNoWholeOne() throws IOException {
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 40\r\n\r\n" + "x".repeat(30));
            c.reset();
        });
        try (Wire client = bench.client()) {
            client.send(GET);
            assertThat(new String(client.in().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .doesNotEndWith("0\r\n\r\n");
        }
    }

    /** What is compressed at the same time is bounded, since each takes memory; what is given back is used again. */
    @Test
    void manyAtATimeAndAgain() throws Exception {
        CountDownLatch all = new CountDownLatch(1);
        site.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4000\r\n\r\n" + "x".repeat(2000));
            try {
                assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            c.send("x".repeat(2000));
        });
        Wire[] clients = new Wire[40];
        int zipped = 0;
        for (int i = 0; i < clients.length; i++) {
            clients[i] = bench.client();
            zipped += Wire.head(clients[i].send(GET).in()).contains("Content-Encoding: gzip") ? 1 : 0;
        }
        assertThat(zipped).isEqualTo(32);
        all.countDown();
        for (Wire client : clients) {
            client.close();
        }
        bench.await(s -> bench.inFlight(s) == 0);
        for (int i = 0; i < 100; i++) {
            try (Wire client = bench.client()) {
                assertThat(unzipped(client.send(GET).answer())).isEqualTo("x".repeat(4000));
            }
        }
    }
}
