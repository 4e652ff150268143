package sluice.control.gate;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection (RFC 9112), kept alive, with a deadline for each exchange: just what the admin interface needs.
 * A request is sent once. One thread at a time.
 */
final class HttpCall implements AutoCloseable {
    private static final int HEAD_LIMIT = 16 * 1024;
    private static final int BODY_LIMIT = 1024 * 1024;

    private final SocketAddress address;
    private final ByteBuffer in = ByteBuffer.allocate(16 * 1024).flip();
    private @Nullable SocketChannel channel;
    private @Nullable Selector selector;

    HttpCall(SocketAddress address) {
        this.address = address;
    }

    /** What came back. Names of headers are in lower case. */
    record Response(int status, Map<String, String> headers, String body) {}

    /** Opens the connection unless it is open and silent: a byte that nobody asked for belongs to no answer of ours. */
    void connect(Duration bound) throws IOException {
        SocketChannel open = channel;
        if (open != null && open.isConnected() && silent(open)) {
            return;
        }
        close();
        // A channel of its own kind for each address: inet or unix.
        SocketChannel made = address instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        Selector waiting = null;
        try {
            made.configureBlocking(false);
            waiting = Selector.open();
            SelectionKey key = made.register(waiting, SelectionKey.OP_CONNECT);
            channel = made;
            selector = waiting;
            long deadline = System.nanoTime() + bound.toNanos();
            boolean connected = made.connect(address);
            while (!connected) {
                await(SelectionKey.OP_CONNECT, deadline);
                connected = made.finishConnect();
            }
            key.interestOps(0);
        } catch (IOException e) {
            made.close();
            if (waiting != null) {
                waiting.close();
            }
            channel = null;
            selector = null;
            throw e;
        }
        in.clear().flip();
    }

    /** Sends one request and reads its answer; when that fails in any way the connection is closed. */
    Response exchange(byte[] request, Duration bound) throws IOException {
        long deadline = System.nanoTime() + bound.toNanos();
        boolean done = false;
        try {
            ByteBuffer out = ByteBuffer.wrap(request);
            while (out.hasRemaining()) {
                if (open().write(out) == 0) {
                    await(SelectionKey.OP_WRITE, deadline);
                }
            }
            Response response = read(deadline);
            done = !"close".equalsIgnoreCase(response.headers().get("connection"));
            return response;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    @Override
    public void close() {
        SocketChannel open = channel;
        Selector waiting = selector;
        channel = null;
        selector = null;
        try {
            if (open != null) {
                open.close();
            }
            if (waiting != null) {
                waiting.close();
            }
        } catch (IOException e) {
            // It is dropped either way.
        }
    }

    private Response read(long deadline) throws IOException {
        int status;
        Map<String, String> headers;
        do {
            String[] words = line(deadline).split(" ", 3);
            if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-5]\\d\\d")) {
                throw new IOException("what answers is no HTTP server: " + String.join(" ", words));
            }
            status = Integer.parseInt(words[1]);
            headers = headers(deadline);
        } while (status < 200); // RFC 9110 section 15.2: interim answers may come first.
        return new Response(status, headers, body(status, headers, deadline));
    }

    private Map<String, String> headers(long deadline) throws IOException {
        Map<String, String> headers = new HashMap<>();
        int bytes = 0;
        for (String line = line(deadline); !line.isEmpty(); line = line(deadline)) {
            bytes += line.length();
            int colon = line.indexOf(':');
            if (colon < 1 || bytes > HEAD_LIMIT) {
                throw new IOException("the answer's head is malformed or longer than " + HEAD_LIMIT + " bytes");
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    /** RFC 9112 section 6.3. An answer without a length ends with the connection, and is not taken. */
    private String body(int status, Map<String, String> headers, long deadline) throws IOException {
        if (status == 204 || status == 304) {
            return "";
        }
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            StringBuilder body = new StringBuilder();
            for (int size = chunk(deadline); size > 0; size = chunk(deadline)) {
                // Bytes one to one: a character may be cut in two by the end of a chunk.
                body.append(new String(
                        bytes(bounded(size + body.length()) - body.length(), deadline), StandardCharsets.ISO_8859_1));
                line(deadline);
            }
            headers(deadline);
            return new String(body.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }
        String length = headers.get("content-length");
        if (length == null || !length.matches("\\d{1,9}")) {
            throw new IOException("the answer has no usable length");
        }
        return new String(bytes(bounded(Integer.parseInt(length)), deadline), StandardCharsets.UTF_8);
    }

    private int chunk(long deadline) throws IOException {
        String size = line(deadline).split(";", 2)[0].strip();
        if (!size.matches("[0-9A-Fa-f]{1,6}")) {
            throw new IOException("the answer has a malformed chunk size: " + size);
        }
        return Integer.parseInt(size, 16);
    }

    private static int bounded(int length) throws IOException {
        if (length > BODY_LIMIT) {
            throw new IOException("the answer is longer than " + BODY_LIMIT + " bytes");
        }
        return length;
    }

    private String line(long deadline) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            char next = (char) (next(deadline) & 0xFF);
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append(next);
            }
            if (line.length() > HEAD_LIMIT) {
                throw new IOException("the answer's head is longer than " + HEAD_LIMIT + " bytes");
            }
        }
    }

    private byte[] bytes(int count, long deadline) throws IOException {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = next(deadline);
        }
        return bytes;
    }

    private byte next(long deadline) throws IOException {
        while (!in.hasRemaining()) {
            in.clear();
            int got = open().read(in);
            in.flip();
            if (got < 0) {
                throw new EOFException("the connection was closed before the whole answer was there");
            }
            if (got == 0) {
                await(SelectionKey.OP_READ, deadline);
            }
        }
        return in.get();
    }

    private void await(int operation, long deadline) throws IOException {
        Selector waiting = selector;
        if (waiting == null) {
            throw new IOException("the connection is not open");
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        waiting.keys().forEach(key -> key.interestOps(operation));
        waiting.select(Math.max(1, left / 1_000_000));
        waiting.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
            throw new IOException("interrupted");
        }
    }

    private boolean silent(SocketChannel open) {
        try {
            return !in.hasRemaining() && open.read(ByteBuffer.allocate(1)) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private SocketChannel open() throws IOException {
        SocketChannel open = channel;
        if (open == null) {
            throw new IOException("the connection is not open");
        }
        return open;
    }
}
