package sluice.proxy.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that writes bytes and reads answers, on a real socket. Written for these tests: independent of the proxy's parser. */
final class Wire implements AutoCloseable {
    /** An answer: its head with the blank line, and its body without chunks. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Answer(int status, String head, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        boolean has(String fieldLine) {
            return head.contains("\r\n" + fieldLine + "\r\n");
        }
    }

    private final Socket socket;
    private final InputStream in;

    Wire(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        this.in = new java.io.BufferedInputStream(socket.getInputStream());
    }

    Socket socket() {
        return socket;
    }

    InputStream in() {
        return in;
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    Answer get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: example.social\r\n\r\n").answer();
    }

    Answer post(String path, String body) throws IOException {
        return send("POST " + path + " HTTP/1.1\r\nHost: example.social\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body)
                .answer();
    }

    Answer answer() throws IOException {
        return answer(false);
    }

    /** Reads one answer; {@code toHead} when the request was a HEAD. */
    Answer answer(boolean toHead) throws IOException {
        String head = head(in);
        int status = Integer.parseInt(head.substring(9, 12));
        if (toHead || status < 200 || status == 204 || status == 304) {
            return new Answer(status, head, new byte[0]);
        }
        if (head.toLowerCase(Locale.ROOT).contains("\r\ntransfer-encoding: chunked\r\n")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            while (true) {
                int size = Integer.parseInt(line(in), 16);
                byte[] chunk = in.readNBytes(size);
                body.write(chunk);
                if (chunk.length < size || !line(in).isEmpty()) {
                    throw new EOFException("in a chunk");
                }
                if (size == 0) {
                    return new Answer(status, head, body.toByteArray());
                }
            }
        }
        int length = number(head, "content-length", -1);
        byte[] body = length < 0 ? in.readAllBytes() : in.readNBytes(length);
        if (length >= 0 && body.length < length) {
            throw new EOFException("in a body");
        }
        return new Answer(status, head, body);
    }

    /** Whether the other side has closed, and sent nothing more. */
    boolean closed() throws IOException {
        return in.read() < 0;
    }

    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("end in a head: " + head);
            }
            head.append((char) b);
        }
        return head.toString();
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || line.indexOf("\r\n", line.length() - 2) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("end in a line: " + line);
            }
            line.append((char) b);
        }
        return line.substring(0, line.length() - 2);
    }

    static int number(String head, String field, int otherwise) {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\n" + field + ": ");
        if (at < 0) {
            return otherwise;
        }
        int from = at + field.length() + 4;
        return Integer.parseInt(
                lower.substring(from, lower.indexOf("\r\n", from)).trim());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
