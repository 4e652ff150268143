package sluice.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import sluice.proxy.fuzz.Cuts;

/**
 * Fuzz target: what a site answers. Whatever it is, and however it is cut:
 * <ul>
 *   <li>the client gets one answer, which is beyond doubt ({@link PlainHttp}), or sees that it is not whole;
 *   <li>no byte of it can become the answer to the client's next request, nor to anybody else's;
 *   <li>the same is got however the site's bytes are cut;
 *   <li>nothing is left: no connection, no request at the gate, no buffer.
 * </ul>
 *
 * <p>Input: a byte that says which request is answered, a byte for the cuts and for whether the site closes then, and the site's bytes.
 */
public final class AnswerFuzz {
    private static final int SITE_CLOSES = 0x80;
    /** Only a site that behaves knows it. */
    private static final String WORD = "c2x1aWNlLXByb3h5LWFuc3dlcg";

    /** How far it got depends on how it was cut. */
    private static final String BROKEN = "broken";

    private static final String TIDY = "HTTP/1.1 200 OK\r\nX-Word: " + WORD + "\r\nContent-Length: 4\r\n\r\ntidy";
    private static final String HOST = " HTTP/1.1\r\nHost: example.social\r\n";
    private static final List<String> REQUESTS = List.of(
            "GET /a" + HOST + "\r\n",
            "HEAD /a" + HOST + "\r\n",
            "GET /a" + HOST + "Accept-Encoding: gzip\r\n\r\n",
            "POST /inbox" + HOST + "Content-Length: 2\r\n\r\nhi",
            "GET /api/v1/streaming" + HOST
                    + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
            "GET /api/v1/streaming/user" + HOST + "Accept: text/event-stream\r\n\r\n",
            "GET /a HTTP/1.0\r\nHost: example.social\r\nConnection: keep-alive\r\n\r\n");
    private static final String NEXT = "GET /next" + HOST + "\r\n";

    private AnswerFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        byte[] bytes = Arrays.copyOfRange(data, Math.min(2, data.length), data.length);
        if (data.length < 2 || PlainHttp.text(bytes, 0, bytes.length).contains(WORD)) {
            return;
        }
        HandBench bench = RequestFuzz.bench();
        long buffers = HandBench.buffers();
        int kind = (data[0] & 0xff) % (REQUESTS.size() + 1);
        boolean closes = (data[1] & SITE_CLOSES) != 0;
        List<byte[]> whole = bytes.length == 0 ? List.of() : List.of(bytes);
        List<byte[]> cut = Cuts.of(bytes, data[1] & 0x7f);
        boolean two = kind == REQUESTS.size();
        String one = two ? http2(bench, cut, closes) : http1(bench, REQUESTS.get(kind), cut, closes);
        String other = two ? http2(bench, whole, closes) : http1(bench, REQUESTS.get(kind), whole, closes);
        if (!Cuts.undated(one).equals(Cuts.undated(other))) {
            throw new AssertionError("in pieces:\n" + one + "\nwhole:\n" + other);
        }
        if (bench.inFlight() != 0) {
            throw new AssertionError("something is in flight still");
        }
        if (HandBench.countsBuffers() && HandBench.buffers() != buffers) {
            throw new AssertionError("buffers are left: " + (HandBench.buffers() - buffers));
        }
    }

    /** Answers one request with the bytes, as they are cut, and all others as a site should. */
    private static final class Site implements HandBench.Site {
        private HandBench.@Nullable SiteConnection first;
        private final List<String> tidied = new ArrayList<>();

        @Override
        public void read(HandBench.SiteConnection connection, byte[] bytes) {
            connection.parsed = PlainHttp.requests(connection.got(), connection.parsed, connection.requests);
            for (PlainHttp.Request request : connection.requests) {
                if (first == null && !request.target().equals("/next")) {
                    first = connection;
                } else {
                    tidied.add(request.target());
                    connection.send(TIDY.getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            connection.requests.clear();
        }

        void answer(HandBench bench, List<byte[]> pieces, boolean closes) {
            HandBench.SiteConnection to = first;
            if (to == null) {
                throw new AssertionError("the request did not reach the site");
            }
            for (byte[] piece : pieces) {
                to.send(piece);
                bench.turn();
            }
            if (closes) {
                to.channel.close();
                bench.turn();
            }
        }
    }

    private static String http1(HandBench bench, String request, List<byte[]> pieces, boolean closes) {
        Site site = new Site();
        bench.site(site);
        HandBench.End client = bench.client(HandBench.Wanted.HTTP1, false);
        client.send(request.getBytes(StandardCharsets.ISO_8859_1));
        bench.turn();
        site.answer(bench, pieces, closes);
        // Only now: what a site says without having been asked, while it is asked, nobody can tell from an answer.
        if (!request.contains("Upgrade") && client.channel.isActive()) {
            client.send(NEXT.getBytes(StandardCharsets.ISO_8859_1));
            bench.turn();
        }
        bench.end(client);
        boolean head = request.startsWith("HEAD");
        List<PlainHttp.Answer> all = PlainHttp.answers(client.got(), i -> i == 0 && head);
        List<PlainHttp.Answer> answers = all.stream()
                .filter(answer -> answer.status() >= 200 || answer.status() == 101)
                .toList();
        check(answers.size() <= 2, "more answers than requests", all);
        for (int i = 0; i < answers.size() - 1; i++) {
            check(answers.get(i).whole(), "something follows half an answer", all);
        }
        if (answers.size() == 2) {
            PlainHttp.Answer next = answers.get(1);
            check(Objects.equals(next.value("x-word"), WORD), "the second answer is not the site's own", all);
            check(new String(next.body(), StandardCharsets.ISO_8859_1).equals("tidy"), "another body", all);
        }
        boolean broken = answers.isEmpty() || !answers.get(0).whole() || refused(answers.get(0));
        boolean untilClose = !answers.isEmpty()
                && answers.get(0).value("content-length") == null
                && answers.get(0).value("transfer-encoding") == null;
        if (broken || (untilClose && request.contains("HTTP/1.0"))) {
            return BROKEN;
        }
        StringBuilder shown = new StringBuilder();
        all.forEach(answer -> shown.append(shown(answer)).append('\n'));
        return shown.toString();
    }

    /** Whether the proxy says that it cannot make anything of it. If some of the answer went to the client already, it breaks off. */
    private static boolean refused(PlainHttp.Answer answer) {
        return answer.status() == 502 && Objects.equals(answer.value("cache-control"), "no-store");
    }

    private static String shown(PlainHttp.Answer answer) {
        boolean zipped = answer.values("content-encoding").equals(List.of("gzip"));
        byte[] body = zipped ? unzipped(answer.body()) : answer.body();
        return new PlainHttp.Answer(answer.status(), answer.fields(), body, answer.whole()).shown();
    }

    /** What can be unzipped; what the site calls gzip need not be it. */
    private static byte[] unzipped(byte[] body) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        } catch (EOFException e) {
            return new byte[0]; // the end is missing: how far it got depends on how it was cut
        } catch (IOException e) {
            return body;
        }
    }

    private static String http2(HandBench bench, List<byte[]> pieces, boolean closes) {
        Site site = new Site();
        bench.site(site);
        HandBench.End client = bench.client(HandBench.Wanted.HTTP2, false);
        client.send(Frames.HELLO);
        client.send(Frames.made(Http2Wire.HEADERS, Http2Wire.END_HEADERS | Http2Wire.END_STREAM, 1, get("/a")));
        bench.turn();
        site.answer(bench, pieces, closes);
        client.send(Frames.made(Http2Wire.HEADERS, Http2Wire.END_HEADERS | Http2Wire.END_STREAM, 3, get("/next")));
        bench.turn();
        bench.end(client);
        Frames frames = Frames.read(client.got());
        Frames.Stream next = frames.stream(3);
        if (next == null || next.status() != 200 || !next.text().equals("tidy")) {
            throw new AssertionError("the other stream has not got its answer: " + frames);
        }
        if (frames.goneWith() > 0) {
            throw new AssertionError("the connection broke: " + frames);
        }
        Frames.Stream stream = frames.stream(1);
        return stream == null || !stream.ended() || stream.refused() ? BROKEN : stream.toString();
    }

    private static byte[] get(String path) {
        DefaultHttp2HeadersEncoder encoder =
                new DefaultHttp2HeadersEncoder((name, value) -> true, true); // nothing is kept in its table
        var out = Unpooled.buffer();
        try {
            encoder.encodeHeaders(
                    1,
                    new DefaultHttp2Headers()
                            .method("GET")
                            .scheme("https")
                            .authority("example.social")
                            .path(path),
                    out);
        } catch (Http2Exception e) {
            throw new UncheckedIOException(new IOException(e));
        }
        byte[] block = new byte[out.readableBytes()];
        out.readBytes(block).release();
        return block;
    }

    private static void check(boolean holds, String otherwise, List<PlainHttp.Answer> answers) {
        if (!holds) {
            throw new AssertionError(
                    otherwise + ": " + Stream.of(answers).map(Object::toString).toList());
        }
    }
}
