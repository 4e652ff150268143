package sluice.proxy.it;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A side of the move that keeps the books about writes: how often each came, and in which order those of one writer did. A write's
 * body is its id, {@code writer:number}; the answer is the side's name and the id. One thread a connection; fast.
 */
final class WriteSite implements AutoCloseable {
    private final String name;
    private final ServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<String, AtomicInteger> times = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, List<Integer>> orders = new ConcurrentHashMap<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch stalled = new CountDownLatch(1);

    WriteSite(String name) throws IOException {
        this.name = name;
        server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** From now on writes are counted, and not answered before {@link #goOn}. */
    void stall() {
        stalled = new CountDownLatch(1);
        gate = new CountDownLatch(1);
    }

    /** Waits until a write stalls. */
    void awaitStalled() throws InterruptedException {
        if (!stalled.await(DistProxy.PATIENCE_SECONDS, java.util.concurrent.TimeUnit.SECONDS)) {
            throw new AssertionError("no write came");
        }
    }

    void goOn() {
        gate.countDown();
    }

    /** How often each write came, by its id. */
    Map<String, Integer> writes() {
        Map<String, Integer> all = new ConcurrentHashMap<>();
        times.forEach((id, count) -> all.put(id, count.get()));
        return all;
    }

    /** The numbers of each writer in the order in which they came. */
    Map<String, List<Integer>> orders() {
        return orders;
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(null, task, "write-site", 256 << 10);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                String head = head(in);
                String lower = head.toLowerCase(Locale.ROOT);
                int at = lower.indexOf("\r\ncontent-length: ");
                int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 18, lower.indexOf("\r\n", at + 18)));
                byte[] body = in.readNBytes(length);
                if (body.length < length) {
                    return;
                }
                String answer = head.startsWith("POST ") ? write(new String(body, StandardCharsets.UTF_8)) : name;
                socket.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Length: " + answer.length() + "\r\n\r\n" + answer)
                                .getBytes(StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            // The connection is over.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private String write(String id) throws InterruptedException {
        times.computeIfAbsent(id, k -> new AtomicInteger()).incrementAndGet();
        int colon = id.indexOf(':');
        if (colon > 0) {
            orders.computeIfAbsent(id.substring(0, colon), k -> Collections.synchronizedList(new ArrayList<>()))
                    .add(Integer.parseInt(id.substring(colon + 1)));
        }
        stalled.countDown();
        gate.await();
        return name + " " + id;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException();
            }
            head.append((char) b);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        goOn();
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
