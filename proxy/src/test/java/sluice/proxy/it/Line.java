package sluice.proxy.it;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** One client connection on which a test writes what it wants and reads answers with a length. For one thread at a time. */
final class Line implements AutoCloseable {
    private final Socket socket;
    private final Socket underneath;
    private final InputStream in;

    /** An answer, its head with the blank line. */
    record Answer(int status, String head, String body) {}

    private Line(Socket socket, Socket underneath) throws IOException {
        this.socket = socket;
        this.underneath = underneath;
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(DistProxy.PATIENCE_SECONDS));
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    static Line plain(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        return new Line(socket, socket);
    }

    static Line tls(SSLContext context, int port) throws IOException {
        return tls(context, port, "127.0.0.1");
    }

    /** From this address of the loopback network, all of which are this machine's. */
    static Line tls(SSLContext context, int port, String from) throws IOException {
        Socket socket = new Below(port, InetAddress.getByName(from));
        return new Line(context.getSocketFactory().createSocket(socket, "localhost", port, true), socket);
    }

    Socket socket() {
        return socket;
    }

    /** The TCP connection, below TLS if there is any. */
    Socket underneath() {
        return underneath;
    }

    Line send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Line send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** A write as {@link WriteSite} counts them. */
    static String write(String id) {
        return "POST /api/v1/statuses HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + id.length() + "\r\n\r\n" + id;
    }

    static final String READ = "GET /about HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /** Sends close_notify and leaves the socket open in both directions. */
    void closeNotify() throws IOException {
        ((Below) underneath).keepsOpen = true;
        socket.shutdownOutput();
    }

    /** A socket below TLS; the JDK's TLS ends the socket too when it has sent close_notify. */
    private static final class Below extends Socket {
        private boolean keepsOpen;

        Below(int port, InetAddress from) throws IOException {
            super(InetAddress.getLoopbackAddress(), port, from, 0);
        }

        @Override
        public void shutdownOutput() throws IOException {
            if (!keepsOpen) {
                super.shutdownOutput();
            }
        }
    }

    /** @throws EOFException the connection ended before the answer did */
    Answer answer() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("end after \"" + head + "\"");
            }
            head.append((char) b);
        }
        String lower = head.toString().toLowerCase(Locale.ROOT);
        int at = lower.indexOf("\r\ncontent-length: ");
        int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 18, lower.indexOf("\r\n", at + 18)));
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("end in a body");
        }
        return new Answer(
                Integer.parseInt(head.substring(9, 12)), head.toString(), new String(body, StandardCharsets.UTF_8));
    }

    /** Whether the other side has ended, without a reset and without another byte. */
    boolean ended() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
