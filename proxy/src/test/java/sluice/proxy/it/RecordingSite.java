package sluice.proxy.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A site behind a proxy that writes down every request as it came, byte for byte, by the address of the client that the proxy names.
 * What it answers is said by the path, see {@link SiteAnswers}. One thread a connection.
 */
final class RecordingSite implements AutoCloseable {
    /** A request as it arrived; {@code fields} are lines without their end. Bytes are characters. */
    record Request(String site, String line, List<String> fields, String body) {
        /** The value of a field, or an empty text. */
        String field(String name) {
            return fields.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        String method() {
            return line.substring(0, Math.max(0, line.indexOf(' ')));
        }

        /** The target's path and query. */
        String target() {
            String[] words = line.split(" ", -1);
            return words.length < 2 ? "" : words[1];
        }
    }

    /** A connection from a proxy. */
    record Line(Socket socket, InputStream in, OutputStream out) {
        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        void close() throws IOException {
            socket.close();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    private final String name;
    private final ServerSocket server;
    private final Map<String, List<Request>> requests = new ConcurrentHashMap<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    RecordingSite(String name) throws IOException {
        this.name = name;
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread accepting = new Thread(this::accept, name);
        accepting.setDaemon(true);
        accepting.start();
    }

    int port() {
        return server.getLocalPort();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** What was asked for a client, in order. */
    List<Request> of(String client) {
        return List.copyOf(requests.getOrDefault(client, List.of()));
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread thread = new Thread(() -> serve(socket), name + "-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            Line line = new Line(socket, new BufferedInputStream(socket.getInputStream()), socket.getOutputStream());
            while (!socket.isClosed()) {
                Request request = read(line.in);
                requests.computeIfAbsent(request.field("x-real-ip"), any -> new CopyOnWriteArrayList<>())
                        .add(request);
                SiteAnswers.answer(request, line);
                if (request.field("connection").equals("close")) {
                    return;
                }
            }
        } catch (IOException e) {
            // The connection is over, by the test's or by the proxy's doing.
        } finally {
            open.remove(socket);
        }
    }

    private Request read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(in); !line.isEmpty() || lines.isEmpty(); line = line(in)) {
            lines.add(line);
        }
        Request bare = new Request(name, lines.get(0), List.copyOf(lines.subList(1, lines.size())), "");
        String length = bare.field("content-length");
        String body = bare.field("transfer-encoding").isEmpty()
                ? text(in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length)))
                : chunks(in);
        return new Request(name, bare.line(), bare.fields(), body);
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            body.append(text(in.readNBytes(size)));
            if (!line(in).isEmpty()) {
                throw new IOException("a chunk's end");
            }
            if (size == 0) {
                return body.toString();
            }
        }
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Up to the next CRLF, without it. */
    static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the end, in a line: " + line);
            }
            if (b == '\n') {
                String text = text(line.toByteArray());
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
