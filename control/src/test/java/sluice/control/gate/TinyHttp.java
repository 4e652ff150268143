package sluice.control.gate;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A real HTTP server on a unix socket or a port that says what a test told it to say, byte by byte. */
final class TinyHttp implements AutoCloseable {
    private final ServerSocketChannel listening;
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
    private final List<Thread> serving = new CopyOnWriteArrayList<>();
    private final BlockingQueue<List<String>> answers = new LinkedBlockingQueue<>();

    TinyHttp(ServerSocketChannel channel, SocketAddress address) throws IOException {
        listening = channel.bind(address);
        Thread thread = new Thread(this::accept, "tiny http");
        thread.setDaemon(true);
        thread.start();
    }

    SocketAddress address() throws IOException {
        return listening.getLocalAddress();
    }

    /** The next request gets this, written piece by piece. A last piece of null closes; no piece at all: silence. */
    void answer(String... pieces) {
        answers.add(Arrays.asList(pieces));
    }

    /** Whole requests, in order. */
    List<String> received() {
        return received;
    }

    int connections() {
        return connections.size();
    }

    /** Closes all connections, as a proxy does that restarts; returns when the other end can see it. */
    void drop() throws IOException {
        for (SocketChannel connection : connections) {
            connection.close();
        }
        // A channel is only really closed when nobody is reading from it any more.
        for (Thread thread : serving) {
            thread.interrupt();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        drop();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel connection = listening.accept();
                connections.add(connection);
                Thread thread = new Thread(() -> serve(connection), "tiny http connection");
                thread.setDaemon(true);
                serving.add(thread);
                thread.start();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(SocketChannel connection) {
        try (connection) {
            // Over the channel itself: the adaptors of a unix channel have no socket.
            InputStream in = new BufferedInputStream(Channels.newInputStream(connection));
            OutputStream out = Channels.newOutputStream(connection);
            while (true) {
                String request = request(in);
                if (request == null) {
                    return;
                }
                received.add(request);
                List<String> pieces = answers.poll(10, TimeUnit.SECONDS);
                if (pieces == null) {
                    return;
                }
                for (String piece : pieces) {
                    if (piece == null) {
                        return;
                    }
                    out.write(piece.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            }
        } catch (IOException e) {
            // The other end is gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String request(InputStream in) {
        try {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                head.append((char) next);
            }
            var length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
            return head
                    + (length.find()
                            ? new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8)
                            : "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
