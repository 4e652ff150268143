package sluice.proxy.http;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ServerSocketFactory;

/** A real upstream on a real socket: one thread a connection, answers as the test says. Keeps what it was asked. */
final class LittleSite implements AutoCloseable {
    /** Answers one request. Throwing an IOException closes the connection. */
    interface Behaviour {
        void answer(Request request, Connection connection) throws IOException;
    }

    /** A request as it arrived: the head with its blank line, and the body. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Request(String head, byte[] body) {
        String line() {
            return head.substring(0, head.indexOf("\r\n"));
        }

        boolean has(String fieldLine) {
            return head.contains("\r\n" + fieldLine + "\r\n");
        }
    }

    record Connection(Socket socket, InputStream in, OutputStream out) {
        void send(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }

        /** Closes with a reset. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
            throw new EOFException("reset by the test");
        }
    }

    private final ServerSocket server;
    private final Thread accepting;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Behaviour behaviour;

    LittleSite(Behaviour behaviour) {
        this(behaviour, ServerSocketFactory.getDefault());
    }

    LittleSite(Behaviour behaviour, ServerSocketFactory sockets) {
        this.behaviour = behaviour;
        try {
            server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        accepting = new Thread(this::accept, "little-site");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** {@code ok} and nothing else. */
    static LittleSite ok() {
        return new LittleSite((request, c) -> c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    }

    void behave(Behaviour other) {
        behaviour = other;
    }

    int port() {
        return server.getLocalPort();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    List<Request> requests() {
        return requests;
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread thread = new Thread(() -> serve(socket), "little-site-connection");
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
            Connection connection = new Connection(
                    socket,
                    new BufferedInputStream(socket.getInputStream()),
                    new BufferedOutputStream(socket.getOutputStream()));
            while (!socket.isClosed()) {
                Request request = read(connection.in);
                requests.add(request);
                behaviour.answer(request, connection);
            }
        } catch (IOException e) {
            // The connection is over, by the test's or by the proxy's doing.
        }
    }

    private static Request read(InputStream in) throws IOException {
        String head = Wire.head(in);
        int length = Wire.number(head, "content-length", 0);
        return new Request(head, in.readNBytes(length));
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            // A thread that is inside accept(2) takes one more connection if that comes before it is woken.
            accepting.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        for (Socket socket : open) {
            socket.close();
        }
    }
}
