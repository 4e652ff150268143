package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * An HTTP/2 client that writes frames, right or wrong ones, on a real TLS socket and reads what comes. Frames are its own; only HPACK
 * is Netty's. It acknowledges SETTINGS and PING while it reads, and gives windows back only when told to.
 */
public final class Http2Wire implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    public static final int ACK = 1;

    public static final int INITIAL_WINDOW_SIZE = 4;

    /** A frame as it came; a header block is decoded already. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record Frame(int type, int flags, int stream, byte[] payload, Http2Headers headers) {
        boolean last() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }

        int number(int at) {
            return Unpooled.wrappedBuffer(payload).getInt(at);
        }
    }

    /** A whole answer. {@code reset} is the error of an RST_STREAM in its place, or -1. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    public record Answer(List<Http2Headers> interim, Http2Headers headers, byte[] body, int reset) {
        public int status() {
            return headers == null ? 0 : Integer.parseInt(headers.status().toString());
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String field(String name) {
            CharSequence value = headers.get(name);
            return value == null ? null : value.toString();
        }
    }

    private final SSLSocket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final Map<Integer, List<Frame>> ahead = new HashMap<>();
    private final List<Frame> seen = new ArrayList<>();
    private boolean acknowledging = true;
    private int next = 1;

    /** Connects, and says hello with these settings: pairs of identifier and value. */
    Http2Wire(int port, int... settings) throws Exception {
        this(
                (SSLSocket) AnyCertificate.context()
                        .getSocketFactory()
                        .createSocket(InetAddress.getLoopbackAddress(), port),
                settings);
    }

    /** As {@link #Http2Wire(int, int...)}, on a connection that stands. */
    public Http2Wire(SSLSocket connected, int... settings) throws IOException {
        socket = connected;
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        if (!socket.getApplicationProtocol().equals("h2")) {
            throw new IOException("no h2 but " + socket.getApplicationProtocol());
        }
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        ByteBuf payload = Unpooled.buffer();
        for (int i = 0; i < settings.length; i += 2) {
            payload.writeShort(settings[i]).writeInt(settings[i + 1]);
        }
        frame(SETTINGS, 0, 0, bytes(payload));
    }

    public void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    public static byte[] made(int type, int flags, int stream, byte... payload) {
        ByteBuf frame = Unpooled.buffer(9 + payload.length);
        frame.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
        return bytes(frame.writeBytes(payload));
    }

    public void frame(int type, int flags, int stream, byte... payload) throws IOException {
        raw(made(type, flags, stream, payload));
    }

    /** Reads on without answering SETTINGS and PING. */
    Http2Wire silent() {
        acknowledging = false;
        return this;
    }

    /** A header list in the order of the pairs. */
    public byte[] block(String... pairs) throws Http2Exception {
        // Each pair by itself: Netty's class would put pseudo-headers to the front.
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < pairs.length; i += 2) {
            encoder.encodeHeaders(1, new DefaultHttp2Headers(false).add(pairs[i], pairs[i + 1]), out);
        }
        return bytes(out);
    }

    /** Sends a header list on the next stream; returns the stream. */
    public int headers(boolean last, String... pairs) throws Exception {
        int stream = next;
        next += 2;
        frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, block(pairs));
        return stream;
    }

    public int request(String method, String path, boolean last, String... more) throws Exception {
        String[] pairs = new String[8 + more.length];
        System.arraycopy(
                new String[] {":method", method, ":scheme", "https", ":authority", "example.social", ":path", path},
                0,
                pairs,
                0,
                8);
        System.arraycopy(more, 0, pairs, 8, more.length);
        return headers(last, pairs);
    }

    public int get(String path) throws Exception {
        return request("GET", path, true);
    }

    public int post(String path, String body) throws Exception {
        int stream = request("POST", path, false);
        data(stream, body, true);
        return stream;
    }

    public void data(int stream, String body, boolean last) throws IOException {
        frame(DATA, last ? END_STREAM : 0, stream, body.getBytes(StandardCharsets.UTF_8));
    }

    public void reset(int stream) throws IOException {
        frame(RST_STREAM, 0, stream, 0, 0, 0, 8);
    }

    /** Asks and thinks better of it, both in one TLS record: no answer can come in between. */
    void getAndReset(String path) throws Exception {
        int stream = next;
        next += 2;
        byte[] asks = made(
                HEADERS,
                END_HEADERS | END_STREAM,
                stream,
                block(":method", "GET", ":scheme", "https", ":authority", "example.social", ":path", path));
        byte[] resets = made(RST_STREAM, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
        raw(Unpooled.wrappedBuffer(asks, resets).copy().array());
    }

    private void frame(int type, int flags, int stream, int... payload) throws IOException {
        byte[] bytes = new byte[payload.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) payload[i];
        }
        frame(type, flags, stream, bytes);
    }

    public void window(int stream, int more) throws IOException {
        frame(WINDOW_UPDATE, 0, stream, bytes(Unpooled.buffer(4).writeInt(more)));
    }

    /** The next frame, whatever it is. */
    public Frame next() throws Exception {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("in a frame");
        }
        if (acknowledging && type == SETTINGS && (flags & ACK) == 0) {
            frame(SETTINGS, ACK, 0, new byte[0]);
        } else if (acknowledging && type == PING && (flags & ACK) == 0) {
            frame(PING, ACK, 0, payload);
        }
        Http2Headers headers = null;
        if (type == HEADERS) {
            if ((flags & END_HEADERS) == 0) {
                throw new IOException("a header block in parts: no test needs it");
            }
            headers = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(payload));
        }
        Frame frame = new Frame(type, flags, stream, payload, headers);
        seen.add(frame);
        return frame;
    }

    /** The next frame of a stream, or of the connection for 0; the others are kept. */
    Frame next(int stream) throws Exception {
        List<Frame> kept = ahead.get(stream);
        if (kept != null && !kept.isEmpty()) {
            return kept.remove(0);
        }
        while (true) {
            Frame frame = next();
            if (frame.stream() == stream) {
                return frame;
            }
            ahead.computeIfAbsent(frame.stream(), any -> new ArrayList<>()).add(frame);
        }
    }

    /** The next frame of that type. */
    Frame await(int type) throws Exception {
        Frame frame = next();
        while (frame.type() != type || (type == PING && (frame.flags() & ACK) != 0)) {
            ahead.computeIfAbsent(frame.stream(), any -> new ArrayList<>()).add(frame);
            frame = next();
        }
        return frame;
    }

    /** The whole answer on a stream; its DATA is given back to the windows. */
    public Answer answer(int stream) throws Exception {
        List<Http2Headers> interim = new ArrayList<>();
        Http2Headers headers = null;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = next(stream);
            if (frame.type() == RST_STREAM) {
                return new Answer(interim, headers, body.toByteArray(), frame.number(0));
            }
            if (frame.type() == HEADERS && frame.headers().status().charAt(0) == '1') {
                interim.add(frame.headers());
            } else if (frame.type() == HEADERS) {
                headers = frame.headers();
            } else if (frame.type() == DATA) {
                body.write(frame.payload());
                if (frame.payload().length > 0) {
                    window(0, frame.payload().length);
                    if (!frame.last()) {
                        window(stream, frame.payload().length);
                    }
                }
            }
            if (frame.last()) {
                return new Answer(interim, headers, body.toByteArray(), -1);
            }
        }
    }

    /** Reads to the end; the error of the last GOAWAY, or -1 when there was none. */
    int goneWith() throws Exception {
        int error = -1;
        try {
            while (true) {
                Frame frame = next();
                if (frame.type() == GOAWAY) {
                    error = frame.number(4);
                }
            }
        } catch (IOException end) {
            return error;
        }
    }

    /** The error of the last GOAWAY so far, or -1 when there was none. */
    public int goodbye() {
        return seen.stream()
                .filter(frame -> frame.type() == GOAWAY)
                .mapToInt(frame -> frame.number(4))
                .reduce(-1, (first, last) -> last);
    }

    /** Everything that was read so far. */
    List<Frame> seen() {
        return seen;
    }

    private static byte[] bytes(ByteBuf from) {
        byte[] bytes = new byte[from.readableBytes()];
        from.readBytes(bytes);
        return bytes;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
