package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames that a client of HTTP/2 got until its connection was closed, as RFC 9113 has them: whatever a client would have to
 * take for an error is an {@link AssertionError}. Only HPACK is Netty's.
 */
final class Frames {
    /** The preface, and settings that leave the answer all the room it can want. */
    static final byte[] HELLO = hello();

    private static final int LONGEST = 16_384;
    private static final int PUSH_PROMISE = 5;

    private final Map<Integer, Stream> streams = new TreeMap<>();
    private int goneWith = -1;

    private Frames() {}

    /** What came on one stream. */
    static final class Stream {
        private final List<Http2Headers> heads = new ArrayList<>();
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private boolean ended;
        private int reset = -1;

        /** Of the final answer, or 0 when there is none. */
        int status() {
            return heads.isEmpty() || !isFinal() ? 0 : last();
        }

        String text() {
            return body.toString(StandardCharsets.ISO_8859_1);
        }

        /** Whether the answer is whole. */
        boolean ended() {
            return ended;
        }

        /** The error of the last RST_STREAM, or -1. */
        int reset() {
            return reset;
        }

        /** The number that the site gave its answer, or null. */
        @Nullable
        String nth() {
            CharSequence nth =
                    heads.isEmpty() ? null : heads.get(heads.size() - 1).get("x-nth");
            return nth == null ? null : nth.toString();
        }

        /** Whether the proxy says by itself that there is no answer. */
        boolean refused() {
            return status() == 502
                    && "no-store"
                            .contentEquals(
                                    String.valueOf(heads.get(heads.size() - 1).get("cache-control")));
        }

        private int last() {
            return Integer.parseInt(heads.get(heads.size() - 1).status().toString());
        }

        private boolean isFinal() {
            return last() >= 200;
        }

        @Override
        public String toString() {
            return heads + " " + text() + (ended ? "" : " …") + (reset < 0 ? "" : " reset " + reset);
        }
    }

    private static byte[] hello() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(made(Http2Wire.SETTINGS, 0, 0, (byte) 0, (byte) 4, (byte) 0, (byte) 16, (byte) 0, (byte) 0));
        all.writeBytes(made(Http2Wire.WINDOW_UPDATE, 0, 0, (byte) 0, (byte) 16, (byte) 0, (byte) 0));
        return all.toByteArray();
    }

    static byte[] made(int type, int flags, int stream, byte... payload) {
        return Http2Wire.made(type, flags, stream, payload);
    }

    static Frames read(byte[] bytes) {
        Frames frames = new Frames();
        DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true);
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        while (in.isReadable()) {
            check(in.readableBytes() >= 9, "half a frame");
            int length = in.readUnsignedMedium();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            check(length <= LONGEST, "a frame of " + length + " bytes");
            check(in.readableBytes() >= length, "half a frame");
            frames.frame(type, flags, stream, in.readSlice(length), decoder);
        }
        return frames;
    }

    private void frame(int type, int flags, int id, ByteBuf payload, DefaultHttp2HeadersDecoder decoder) {
        switch (type) {
            case Http2Wire.HEADERS -> {
                check((flags & Http2Wire.END_HEADERS) != 0, "a header block in parts");
                try {
                    headers(begun(id), decoder.decodeHeaders(id, payload), flags);
                } catch (Http2Exception e) {
                    throw new AssertionError("a header block that cannot be read", e);
                }
            }
            case Http2Wire.DATA -> {
                Stream stream = begun(id);
                check(!stream.ended && stream.reset < 0 && stream.status() >= 200, "DATA at the wrong place");
                byte[] data = new byte[payload.readableBytes()];
                payload.readBytes(data);
                stream.body.writeBytes(data);
                stream.ended = (flags & Http2Wire.END_STREAM) != 0;
                if (stream.ended) {
                    whole(stream);
                }
            }
            case Http2Wire.RST_STREAM -> {
                check(id != 0 && payload.readableBytes() == 4, "a bad RST_STREAM");
                // Also of one that no client may begin, if this one did.
                streams.computeIfAbsent(id, any -> new Stream()).reset = payload.readInt();
            }
            case Http2Wire.GOAWAY -> goneWith = payload.getInt(4);
            case PUSH_PROMISE -> throw new AssertionError("a push");
            default -> check(type <= Http2Wire.CONTINUATION, "an unknown frame");
        }
    }

    private void headers(Stream stream, Http2Headers headers, int flags) {
        if (stream.reset >= 0 && stream.heads.isEmpty()) {
            // What could not even be decoded was no stream's for Netty, and a client that is wrong uses its number
            // again.
            stream.reset = -1;
        }
        check(!stream.ended && stream.reset < 0, "HEADERS at the wrong place");
        if (stream.status() != 0) {
            // RFC 9113 8.1: trailers, which have no pseudo-header and are the end.
            check((flags & Http2Wire.END_STREAM) != 0 && headers.status() == null, "a second answer on a stream");
            stream.ended = true;
            whole(stream);
            return;
        }
        stream.heads.add(headers);
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            String name = field.getKey().toString();
            check(name.equals(name.toLowerCase(java.util.Locale.ROOT)), "a name in capitals");
            check(
                    !List.of("connection", "transfer-encoding", "keep-alive", "upgrade", "proxy-connection")
                            .contains(name),
                    "a header for connections: " + name);
            check(field.getValue().chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0), "a line end in a value");
        }
        stream.ended = (flags & Http2Wire.END_STREAM) != 0;
        check(!stream.ended || stream.isFinal(), "an interim answer that is the end");
    }

    /** RFC 9113 section 8.1.1: the body has to be as long as the header says, but for HEAD, 204 and 304. */
    private static void whole(Stream stream) {
        CharSequence length = stream.heads.get(stream.heads.size() - 1).get("content-length");
        check(
                length == null || Long.parseLong(length.toString()) == stream.body.size(),
                "a body that is not as long as it should be");
    }

    private Stream begun(int id) {
        check(id % 2 == 1, "a stream that no client began: " + id);
        return streams.computeIfAbsent(id, any -> new Stream());
    }

    @Nullable
    Stream stream(int id) {
        return streams.get(id);
    }

    Map<Integer, Stream> streams() {
        return streams;
    }

    /** The error of the last GOAWAY, or -1. */
    int goneWith() {
        return goneWith;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public String toString() {
        return streams + (goneWith < 0 ? "" : " gone with " + goneWith);
    }
}
