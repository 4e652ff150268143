package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Scope;

/** What is refused over HTTP/2, its limits, and the end of its connections; frame by frame. */
@Timeout(60)
class Http2StrictTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Bench bench;
    private int port;

    @BeforeEach
    void start() throws Exception {
        start(ProxyConfig.Limits.DEFAULT);
    }

    private void start(ProxyConfig.Limits limits) throws Exception {
        if (bench != null) {
            bench.close();
        }
        bench = BenchPlan.of(directory, site, site).with(limits).open();
        port = bench.listenTls();
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        bench.close();
    }

    private static String[] list(String... pairs) {
        return pairs;
    }

    @Test
    void malformedHeaderListsAreResetAndNeverReachTheSite() throws Exception {
        String[][] lists = {
            list(":method", "GET", ":scheme", "https", ":path", "/", "a", "b", ":authority", "a.b"),
            list(":method", "GET", ":method", "POST", ":scheme", "https", ":path", "/", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":path", "/b", ":authority", "a.b"),
            list(":scheme", "https", ":path", "/", ":authority", "a.b"),
            list(":method", "GET", ":path", "/", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "a", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "http://c.d/", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "ftp", ":path", "/", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "/ HTTP/1.1\r\nx: y", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "/ b", ":authority", "a.b"),
            list(":method", "GET / HTTP/1.1\r\na: b\r\n", ":scheme", "https", ":path", "/", ":authority", "a.b"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b\r\nx: y"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "me@a.b"),
            list(":method", "CONNECT", ":authority", "a.b:443"),
            list(":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":path", "/", ":authority", "a"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", ":status", "200"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", ":new", "1"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "Upper", "1"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "a b", "1"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "", "1"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "a", "1\r\nb: 2"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "a", "1\n"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "a", "1\0"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "a", " 1"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "connection", "close"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "keep-alive", "5"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "upgrade", "websocket"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "proxy-connection", "x"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "transfer-encoding", "gzip"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "te", "gzip"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "host", "c.d"),
            list(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b", "content-length", "3"),
        };
        try (Http2Wire client = new Http2Wire(port)) {
            for (String[] list : lists) {
                int stream = client.headers(true, list);
                Http2Wire.Answer answer = client.answer(stream);
                assertThat(answer.reset()).as(String.join(" ", list)).isEqualTo(PROTOCOL_ERROR);
                assertThat(answer.headers()).isNull();
            }
            assertThat(client.answer(client.get("/")).text())
                    .as("the connection stays")
                    .isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    @Test
    void whatTheParserOfHttp11RefusesIsAnsweredInTheSameWords() throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            int none = client.headers(true, ":method", "GET", ":scheme", "https", ":path", "/");
            Http2Wire.Answer answer = client.answer(none);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text()).contains("no Host");
            int expects = client.request("PUT", "/", false, "expect", "tea");
            assertThat(client.answer(expects).status()).isEqualTo(417);
            assertThat(client.answer(client.headers(
                                    true, ":method", "GET", ":scheme", "https", ":path", "/", "host", "a.b"))
                            .text())
                    .as("a host will do")
                    .isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void aBodyHasTheLengthThatItsHeadSays() throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            int tooShort = client.request("POST", "/", false, "content-length", "4");
            client.data(tooShort, "abc", true);
            assertThat(client.answer(tooShort).reset()).isEqualTo(PROTOCOL_ERROR);
            int tooLong = client.request("POST", "/", false, "content-length", "2");
            client.data(tooLong, "abc", false);
            assertThat(client.answer(tooLong).reset()).isEqualTo(PROTOCOL_ERROR);
            int cutByTrailers = client.request("POST", "/", false, "content-length", "4");
            client.data(cutByTrailers, "abc", false);
            client.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
                    cutByTrailers,
                    client.block("x", "y"));
            assertThat(client.answer(cutByTrailers).reset()).isEqualTo(PROTOCOL_ERROR);
            int badTrailers = client.request("POST", "/", false);
            client.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
                    badTrailers,
                    client.block(":path", "/b"));
            assertThat(client.answer(badTrailers).reset()).isEqualTo(PROTOCOL_ERROR);
            assertThat(client.answer(client.get("/")).text()).isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void aHeaderListThatIsTooLargeIsAnswered400() throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            // Under the limit as bytes, over it as RFC 9113 6.5.2 counts: 32 more for each.
            List<String> pairs = new ArrayList<>(
                    List.of(":method", "POST", ":scheme", "https", ":path", "/inbox", ":authority", "example.social"));
            for (int i = 0; i < 400; i++) {
                pairs.add("x-" + i);
                pairs.add("12345");
            }
            Http2Wire.Answer answer = client.answer(client.headers(true, pairs.toArray(new String[0])));
            assertThat(answer.status()).isEqualTo(400);
            assertThat(client.answer(client.get("/")).text()).isEqualTo("ok");
        }
        assertThat(site.requests()).hasSize(1);
    }

    @Test
    void moreStreamsThanSaidAreRefused() throws Exception {
        bench.hold(Scope.ALL);
        CountDownLatch goOn = new CountDownLatch(1);
        site.behave((request, c) -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        bench.release(null);
        try (Http2Wire client = new Http2Wire(port)) {
            Http2Wire.Frame settings = client.await(Http2Wire.SETTINGS);
            assertThat(settings.payload()).contains((byte) 0, (byte) 3, (byte) 0, (byte) 0, (byte) 0, (byte) 128);
            List<Integer> streams = new ArrayList<>();
            for (int i = 0; i < 128; i++) {
                streams.add(client.get("/" + i));
            }
            assertThat(client.answer(client.get("/one/too/many")).reset()).isEqualTo(REFUSED_STREAM);
            goOn.countDown();
            for (int stream : streams) {
                assertThat(client.answer(stream).text()).isEqualTo("ok");
            }
        }
    }

    @Test
    void floodsEndTheConnection() throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            for (int i = 0; i < 201; i++) {
                client.getAndReset("/reset/" + i);
            }
            // Else it would acknowledge SETTINGS to a closed connection, and a reset take the GOAWAY along.
            assertThat(client.silent().goneWith()).as("resets").isEqualTo(ENHANCE_YOUR_CALM);
        }
        try (Http2Wire client = new Http2Wire(port)) {
            // MadeYouReset: it is the server that resets, the client only errs.
            for (int i = 0; i < 201; i++) {
                client.data(client.request("POST", "/made/" + i, false, "content-length", "1"), "ab", true);
            }
            assertThat(client.silent().goneWith()).as("resets of ours").isEqualTo(ENHANCE_YOUR_CALM);
        }
        flood("pings", Http2Wire.made(Http2Wire.PING, 0, 0, new byte[8]), 3000, 0);
        flood("settings", Http2Wire.made(Http2Wire.SETTINGS, 0, 0), 3000, 0);
        flood("priorities", Http2Wire.made(2, 0, 3, new byte[] {0, 0, 0, 1, 5}), 3000, 0);
        flood("empty frames", Http2Wire.made(Http2Wire.DATA, 0, 1), 100, 1);
        flood("continuations", Http2Wire.made(Http2Wire.CONTINUATION, 0, 1, new byte[1]), 100, 2);
        bench.await(s -> bench.inFlight(s) == 0
                && bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    /** @param begun 0 for no stream, 1 for one that has begun, 2 for one whose header block goes on */
    private void flood(String what, byte[] frame, int times, int begun) throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            if (begun == 1) {
                client.request("POST", "/", false);
            } else if (begun == 2) {
                client.frame(
                        Http2Wire.HEADERS,
                        0,
                        1,
                        client.block(":method", "GET", ":scheme", "https", ":path", "/", ":authority", "a.b"));
            }
            byte[] all = new byte[frame.length * times];
            for (int i = 0; i < times; i++) {
                System.arraycopy(frame, 0, all, i * frame.length, frame.length);
            }
            try {
                client.silent().raw(all);
            } catch (IOException closedMeanwhile) {
                // As it should be.
            }
            assertThat(client.goneWith()).as(what).isEqualTo(ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void whoSaysNothingIsClosed() throws Exception {
        start(BenchPlan.limits(1000, 1000, Duration.ofMillis(200), Duration.ofSeconds(20)));
        try (Http2Wire idle = new Http2Wire(port)) {
            assertThat(idle.answer(idle.get("/")).text()).isEqualTo("ok");
            assertThat(idle.goneWith()).as("NO_ERROR").isZero();
        }
        try (Http2Wire silent = new Http2Wire(port)) {
            assertThat(silent.goneWith()).as("not one request").isZero();
        }
        try (Http2Wire halfHead = new Http2Wire(port)) {
            halfHead.frame(Http2Wire.HEADERS, 0, 1, halfHead.block(":method", "GET", ":scheme", "https"));
            assertThat(halfHead.silent().goneWith()).as("half a header list").isZero();
        }
        try (Http2Wire slow = new Http2Wire(port)) {
            int stream = slow.request("POST", "/", false);
            slow.data(stream, "abc", false);
            assertThat(slow.answer(stream).status()).isEqualTo(408);
        }
        try (Http2Wire takesNothing = new Http2Wire(port, Http2Wire.INITIAL_WINDOW_SIZE, 0)) {
            int stream = takesNothing.get("/");
            assertThat(takesNothing.next(stream).type()).isEqualTo(Http2Wire.HEADERS);
            assertThat(takesNothing.next(stream).type()).isEqualTo(Http2Wire.RST_STREAM);
        }
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    @Test
    void aStopTakesTwoStepsAndLosesNothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        site.behave((request, c) -> {
            if (request.line().contains("/slow")) {
                asked.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        try (Http2Wire client = new Http2Wire(port)) {
            int slow = client.post("/slow", "abc");
            asked.await();
            client.silent();
            var stopped = bench.path.stop();
            Http2Wire.Frame first = client.await(Http2Wire.GOAWAY);
            assertThat(first.number(0)).isEqualTo(Integer.MAX_VALUE);
            assertThat(first.number(4)).isZero();
            Http2Wire.Frame ping = client.await(Http2Wire.PING);
            int late = client.get("/late");
            client.frame(Http2Wire.PING, Http2Wire.ACK, 0, ping.payload());
            Http2Wire.Frame second = client.await(Http2Wire.GOAWAY);
            assertThat(second.number(0)).as("the last that is answered").isEqualTo(late);
            assertThat(client.answer(late).text()).isEqualTo("ok");
            assertThat(client.answer(client.get("/too/late")).reset()).isEqualTo(REFUSED_STREAM);
            goOn.countDown();
            assertThat(client.answer(slow).text()).isEqualTo("ok");
            assertThat(client.goneWith()).as("no further GOAWAY").isEqualTo(-1);
            assertThat(stopped.awaitUninterruptibly(10_000)).isTrue();
        }
    }

    @Test
    void aStopDoesNotWaitForAnAnswerToItsPing() throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            assertThat(client.answer(client.get("/")).text()).isEqualTo("ok");
            client.silent();
            var stopped = bench.path.stop();
            assertThat(client.await(Http2Wire.GOAWAY).number(0)).isEqualTo(Integer.MAX_VALUE);
            assertThat(client.await(Http2Wire.GOAWAY).number(0)).isEqualTo(1);
            assertThat(stopped.awaitUninterruptibly(10_000)).isTrue();
        }
    }

    @Test
    void nothingButHttp2BehindItsPreface() throws Exception {
        try (Http2Wire client = new Http2Wire(port)) {
            client.raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(client.goneWith()).isNotNegative();
        }
        assertThat(site.requests()).isEmpty();
    }
}
