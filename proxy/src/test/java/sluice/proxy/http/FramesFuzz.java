package sluice.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import sluice.proxy.fuzz.Cuts;

/**
 * Fuzz target: what a client sends over HTTP/2. Whatever it is, and however it is cut:
 * <ul>
 *   <li>what the site gets is beyond doubt ({@link PlainHttp}); where a stream was used as it should be, with a path of its own, it is
 *       that stream's method and body, and comes once;
 *   <li>what the client gets is proper HTTP/2 ({@link Frames}); every request that reached the site is answered on a stream, or its
 *       stream was reset, or the connection broke;
 *   <li>the connection ends, and nothing is left of it.
 * </ul>
 *
 * <p>Input: a byte of flags, a byte for the cuts; then frames, each a byte with its type, one with its flags, one with its stream, two
 * with the length of its payload, and that. With the highest bit of the type set, a payload of HEADERS is lines of names and values,
 * which are encoded; else it is HPACK.
 */
public final class FramesFuzz {
    private static final int SITE_ANSWERS_LATE = 1;
    private static final int ENCODE = 0x80;
    private static final int MOST_FRAMES = 200;

    private FramesFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 7) {
            return;
        }
        HandBench bench = RequestFuzz.bench();
        long buffers = HandBench.buffers();
        Script script = new Script(data);
        new Course(bench, Cuts.of(script.bytes.toByteArray(), data[1]), (data[0] & SITE_ANSWERS_LATE) != 0)
                .check(script);
        if (bench.inFlight() != 0) {
            throw new AssertionError("something is in flight still");
        }
        if (HandBench.countsBuffers() && HandBench.buffers() != buffers) {
            throw new AssertionError("buffers are left: " + (HandBench.buffers() - buffers));
        }
    }

    /** A request as the frames have it. */
    private static final class Sent {
        private String method = "";
        private String path = "";
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private boolean ended;
    }

    /** The client's frames, and what they mean where that is clear. */
    private static final class Script {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Map<Integer, Sent> sent = new TreeMap<>();
        /** Whether every frame is a request's, in order, so that nothing may be refused for how it is framed. */
        private boolean clear = true;

        Script(byte[] data) {
            bytes.writeBytes(Frames.HELLO);
            DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder((name, value) -> true, true);
            int frames = 0;
            for (int at = 2; at + 5 <= data.length && frames < MOST_FRAMES; frames++) {
                int length = (data[at + 3] & 0xff) << 8 | (data[at + 4] & 0xff);
                int end = Math.min(data.length, at + 5 + length);
                byte[] payload = Arrays.copyOfRange(data, at + 5, end);
                int type = data[at] & 0x0f;
                int stream = data[at + 2] & 0xff;
                if (type == Http2Wire.HEADERS && (data[at] & ENCODE) != 0) {
                    headers(stream, data[at + 1], payload, encoder);
                } else {
                    frame(type, data[at + 1], stream, payload);
                }
                at = end;
            }
        }

        private void headers(int stream, int flags, byte[] text, DefaultHttp2HeadersEncoder encoder) {
            var out = Unpooled.buffer();
            Sent request = new Sent();
            for (String line : PlainHttp.text(text, 0, text.length).split("\n", -1)) {
                int colon = line.indexOf(':', 1);
                if (colon < 0) {
                    continue;
                }
                String name = line.substring(0, colon);
                String value = line.substring(colon + 1);
                try {
                    // Each by itself: Netty's class would put pseudo-headers to the front.
                    encoder.encodeHeaders(1, new DefaultHttp2Headers(false).add(name, value), out);
                } catch (Http2Exception e) {
                    throw new IllegalStateException(e);
                }
                if (name.equals(":method")) {
                    request.method = value;
                } else if (name.equals(":path")) {
                    request.path = value;
                }
            }
            byte[] block = new byte[out.readableBytes()];
            out.readBytes(block).release();
            // Neither padding nor priority: the payload has none.
            int only = (flags & Http2Wire.END_STREAM) | Http2Wire.END_HEADERS;
            clear &= stream % 2 == 1 && sent.keySet().stream().allMatch(other -> other < stream);
            request.ended = (flags & Http2Wire.END_STREAM) != 0;
            sent.putIfAbsent(stream, request);
            bytes.writeBytes(Frames.made(Http2Wire.HEADERS, only, stream, block));
        }

        private void frame(int type, int flags, int stream, byte[] payload) {
            Sent of = sent.get(stream);
            if (type == Http2Wire.DATA && (flags & ~Http2Wire.END_STREAM) == 0 && of != null && !of.ended) {
                of.body.writeBytes(payload);
                of.ended = flags != 0;
            } else {
                clear = false;
            }
            bytes.writeBytes(Frames.made(type, flags & 0xff, stream, payload));
        }
    }

    /** The connection between client and site from begin to end. */
    private static final class Course {
        private final List<PlainHttp.Request> asked = new ArrayList<>();
        private final List<Runnable> owed = new ArrayList<>();
        private final boolean late;
        private final Frames frames;

        Course(HandBench bench, List<byte[]> pieces, boolean late) {
            this.late = late;
            bench.site(this::read);
            HandBench.End client = bench.client(HandBench.Wanted.HTTP2, false);
            for (byte[] piece : pieces) {
                client.send(piece);
                bench.turn();
            }
            while (!owed.isEmpty()) {
                owed.remove(0).run();
                bench.turn();
            }
            bench.end(client);
            frames = Frames.read(client.got());
        }

        private void read(HandBench.SiteConnection connection, byte[] bytes) {
            List<PlainHttp.Request> more = new ArrayList<>();
            connection.parsed = PlainHttp.requests(connection.got(), connection.parsed, more);
            for (PlainHttp.Request request : more) {
                String body = request.method().equals("HEAD") ? "" : "ok";
                String answer = "HTTP/1.1 200 OK\r\nX-Nth: " + asked.size() + "\r\nContent-Length: 2\r\n\r\n" + body;
                asked.add(request);
                Runnable go = () -> connection.send(answer.getBytes(StandardCharsets.ISO_8859_1));
                if (late) {
                    owed.add(go);
                } else {
                    go.run();
                }
            }
        }

        void check(Script script) {
            Map<String, Integer> answered = new HashMap<>();
            int cutOff = 0;
            for (Frames.Stream stream : frames.streams().values()) {
                String nth = stream.nth();
                if (nth != null) {
                    expect(answered.merge(nth, 1, Integer::sum) == 1, "the site's answer went to two streams");
                }
                cutOff += stream.reset() > 0 ? 1 : 0;
            }
            long unanswered = IntStream.range(0, asked.size())
                    .filter(i -> !answered.containsKey(Integer.toString(i)))
                    .count();
            boolean clean = script.clear && frames.goneWith() <= 0;
            expect(!clean || unanswered <= cutOff, "a request without its answer");
            if (clean) {
                script.sent.forEach((id, sent) -> same(id, sent, script));
            }
        }

        /** What reached the site of a stream that nobody can take for another. */
        private void same(int id, Sent sent, Script script) {
            if (script.sent.values().stream()
                            .filter(other -> other.path.equals(sent.path))
                            .count()
                    > 1) {
                return;
            }
            List<PlainHttp.Request> got = asked.stream()
                    .filter(request -> request.target().equals(sent.path))
                    .toList();
            expect(got.size() <= 1, "a request came twice: stream " + id);
            Frames.Stream stream = frames.stream(id);
            expect(stream != null && (stream.status() >= 200 || stream.reset() >= 0), "nothing came on stream " + id);
            for (PlainHttp.Request request : got) {
                expect(sent.ended, "a request that has no end came: stream " + id);
                expect(request.method().equals(sent.method), "another method: stream " + id);
                expect(Arrays.equals(request.body(), sent.body.toByteArray()), "another body: stream " + id);
            }
        }

        private void expect(boolean holds, String otherwise) {
            if (!holds) {
                throw new AssertionError(otherwise + "\nsite: "
                        + asked.stream().map(PlainHttp.Request::shown).toList() + "\nclient: " + frames);
            }
        }
    }
}
