package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.proxy.upstream.BadMessage;

@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class RequestHeadTest {
    private static final int LIMIT = 4096;

    /** A request, and what becomes of it: 0 when it is taken, else the status. */
    record Case(String name, String head, int status) {}

    static Stream<Case> cases() {
        return Stream.of(
                ok("plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                ok("HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
                ok("one blank line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                ok("no blank behind the colon", "GET / HTTP/1.1\r\nHost:a\r\n\r\n"),
                ok("blanks and a tab around a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n"),
                ok("an empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n"),
                ok("raw UTF-8 in target and value", "GET /\u00c3\u00a9 HTTP/1.1\r\nHost: a\r\nX: \u00c3\u00a9\r\n\r\n"),
                ok("browser's characters", "GET /?a={b}|c^ HTTP/1.1\r\nHost: a\r\n\r\n"),
                ok("absolute form", "GET http://a/b HTTP/1.1\r\nHost: c\r\n\r\n"),
                ok("asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
                ok("length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"),
                ok("chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"),
                ok("IPv6 host with port", "GET / HTTP/1.1\r\nHost: [::1]:3000\r\n\r\n"),
                bad("bare LF in the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
                bad("bare LF in a header line", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
                bad("bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
                bad("bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
                bad("bare CR in the target", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
                bad("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
                bad("NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"),
                bad("DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u007f\r\n\r\n"),
                bad("obs-fold with blank", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n"),
                bad("obs-fold with tab", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\t2\r\n\r\n"),
                bad("first header folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
                bad("CL and TE", post("Content-Length: 4\r\nTransfer-Encoding: chunked")),
                bad("TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4")),
                bad("two CL that differ", post("Content-Length: 4\r\nContent-Length: 5")),
                bad("two CL that agree", post("Content-Length: 4\r\nContent-Length: 4")),
                bad("CL as a list", post("Content-Length: 4, 4")),
                bad("CL with plus", post("Content-Length: +4")),
                bad("CL with minus", post("Content-Length: -4")),
                bad("CL in hexadecimal", post("Content-Length: 0x4")),
                bad("CL empty", post("Content-Length:")),
                bad("CL with a blank inside", post("Content-Length: 4 4")),
                bad("CL that overflows", post("Content-Length: 9999999999999999999")),
                bad("TE xchunked", post("Transfer-Encoding: xchunked")),
                bad("TE chunked, identity", post("Transfer-Encoding: chunked, identity")),
                bad("TE gzip, chunked", post("Transfer-Encoding: gzip, chunked")),
                bad("TE chunked twice in one", post("Transfer-Encoding: chunked, chunked")),
                bad("TE twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")),
                bad("TE with a vertical tab", post("Transfer-Encoding: \u000bchunked")),
                bad("TE empty", post("Transfer-Encoding:")),
                bad("TE quoted", post("Transfer-Encoding: \"chunked\"")),
                bad("TE on HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"),
                bad("blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
                bad("tab before the colon", post("Content-Length\t: 4")),
                bad("no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
                bad("no name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"),
                bad("a name that is no token", "GET / HTTP/1.1\r\nHost: a\r\nX(y): x\r\n\r\n"),
                bad("no Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n"),
                bad("no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"),
                bad("two Host", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
                bad("two Host that agree", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"),
                bad("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
                bad("a Host with userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
                bad("a Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
                bad("a Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
                bad("a Host that is a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n".replace(", ", " ,")),
                bad("two blanks in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("two blanks before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a blank before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a blank behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
                bad("a blank in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("no version", "GET /\r\nHost: a\r\n\r\n"),
                bad("a fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("a target without slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("absolute form with userinfo", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("absolute form without host", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("another scheme", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
                bad("http/1.1 in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n"),
                bad("HTTP/1.1x", "GET / HTTP/1.1x\r\nHost: a\r\n\r\n"),
                bad("HTTP/01.1", "GET / HTTP/01.1\r\nHost: a\r\n\r\n"),
                bad("HTTP/1", "GET / HTTP/1\r\nHost: a\r\n\r\n"),
                bad("two blank lines before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                new Case("HTTP/9.9", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505),
                new Case("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
                new Case("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
                new Case("too large", "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(LIMIT) + "\r\n\r\n", 431),
                new Case("a request line without end", "G".repeat(LIMIT), 414));
    }

    private static Case ok(String name, String head) {
        return new Case(name, head, 0);
    }

    private static Case bad(String name, String head) {
        return new Case(name, head, 400);
    }

    private static String post(String fields) {
        return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n\r\n";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void takesOrRefuses(Case c) {
        assertThat(parse(c.head, new int[] {c.head.length()})).isEqualTo(c.status);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theSameByteByByteAndInAnyPieces(Case c) {
        assertThat(parse(c.head, new int[] {1})).as("byte by byte").isEqualTo(c.status);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            int[] pieces = random.ints(64, 1, 24).toArray();
            assertThat(parse(c.head, pieces))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(c.status);
        }
    }

    /** What Netty refuses, this parser has to refuse too. */
    @ParameterizedTest
    @MethodSource("cases")
    void refusesWhatNettyRefuses(Case c) {
        if (c.status == 0) {
            assertThat(nettyRefuses(c.head)).as("Netty takes it as well").isFalse();
        } else if (nettyRefuses(c.head)) {
            assertThat(parse(c.head, new int[] {c.head.length()})).isNotZero();
        }
    }

    private static boolean nettyRefuses(String head) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());
        try {
            channel.writeInbound(bytes(head));
            Object first = channel.readInbound();
            boolean refused =
                    first instanceof HttpRequest r && r.decoderResult().isFailure();
            ReferenceCountUtil.release(first);
            return refused;
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    /** Feeds in pieces of the given sizes, round and round, and returns the status, or 0. */
    private static int parse(String text, int[] pieces) {
        RequestHead head = new RequestHead(LIMIT);
        ByteBuf all = bytes(text);
        try {
            boolean done = false;
            for (int i = 0; all.isReadable() && !done; i++) {
                ByteBuf piece = all.readSlice(Math.min(pieces[i % pieces.length], all.readableBytes()));
                done = head.feed(piece);
                assertThat(done || !piece.isReadable()).isTrue();
            }
            assertThat(done).as("complete").isTrue();
            return 0;
        } catch (BadMessage e) {
            assertThat(e.reason()).isNotEmpty();
            return e.status();
        } finally {
            all.release();
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static RequestHead head(String text) throws BadMessage {
        RequestHead head = new RequestHead(LIMIT);
        ByteBuf all = bytes(text);
        assertThat(head.feed(all)).isTrue();
        all.release();
        return head;
    }

    private static String upstream(String text) throws BadMessage {
        byte[] out = new byte[2 * LIMIT + 1024];
        int n = UpstreamRequest.write(head(text), bytesOf("192.0.2.7"), true, 5, 0, false, out);
        return new String(out, 0, n, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytesOf(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static final String FORWARDED =
            "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 192.0.2.7\r\n\r\n";

    @Test
    void whatIsSignedGoesByteForByte() throws BadMessage {
        String kept = "host: Example.Social\r\nDate: Mon, 23 Nov 2026 20:00:00 GMT\r\nDigest: SHA-256=x=\r\n"
                + "Signature: keyId=\"a b\",headers=\"(request-target)  host\"\r\nContent-Type: application/activity+json\r\n";
        String line = "POST /users/a%2Fb//inbox?x=%20&y HTTP/1.1\r\n";
        assertThat(upstream(line + kept + "\r\n")).isEqualTo(line + kept + FORWARDED);
    }

    @Test
    void linesAreNormalised() throws BadMessage {
        assertThat(upstream("GET / HTTP/1.1\r\nHost:\ta \r\nA:b\r\nC: d\r\n\r\n"))
                .isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n" + FORWARDED);
    }

    @Test
    void whatIsForThisHopOrForgedIsLeftOut() throws BadMessage {
        assertThat(upstream(
                        "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Secret,\tX-Other\r\nx-secret: 1\r\nA: 1\r\n"
                                + "X-Other: 2\r\nX-Oth: 3\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: x\r\n"
                                + "Upgrade: h2c\r\nProxy: http://evil\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: http\r\n"
                                + "X-Real-Ip: 1.2.3.4\r\nX_Forwarded_For: 1.2.3.4\r\nX-Held-Ms: 9\r\nB: 2\r\n\r\n"))
                .isEqualTo("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nX-Oth: 3\r\nB: 2\r\n" + FORWARDED);
    }

    @Test
    void connectionCannotHideTheFraming() throws BadMessage {
        assertThat(upstream(
                        "POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length, host\r\nContent-Length: 5\r\n\r\n"))
                .isEqualTo("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + FORWARDED);
    }

    @Test
    void aChunkedRequestGetsALength() throws BadMessage {
        assertThat(upstream("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"))
                .isEqualTo("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n" + FORWARDED);
    }

    @Test
    void theHostOfAnAbsoluteTargetCounts() throws BadMessage {
        assertThat(upstream("GET https://b:1/c?d HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n"))
                .isEqualTo("GET /c?d HTTP/1.1\r\nHost: b:1\r\nX: y\r\n" + FORWARDED);
    }

    @Test
    void aWebSocketHandshakeIsPassedOnAndHttp2InPlainTextIsNot() throws BadMessage {
        String upgrade = "GET /s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        assertThat(upstream(upgrade)).contains("\r\nConnection: upgrade\r\nUpgrade: websocket\r\n");
        for (String other : List.of("h2c", "HTTP/2.0", "TLS/1.2", "websocket, h2c")) {
            assertThat(head(upgrade.replace("websocket", other)).upgrade())
                    .as(other)
                    .isFalse();
        }
    }

    @Test
    void anObjectIsUsedForManyHeads() throws BadMessage {
        RequestHead head = new RequestHead(LIMIT);
        ByteBuf two = bytes("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\nAccept: text/event-stream\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\nrest");
        assertThat(head.feed(two)).isTrue();
        assertThat(head.persistent()).isFalse();
        head.reset();
        assertThat(head.feed(two)).isTrue();
        assertThat(head.path()).isEqualTo("/b");
        assertThat(head.persistent()).isTrue();
        assertThat(head.hasBody()).isFalse();
        assertThat(head.expectsContinue()).isFalse();
        assertThat(head.acceptsEventStream()).isFalse();
        assertThat(two.toString(StandardCharsets.US_ASCII)).isEqualTo("rest");
        two.release();
    }
}
