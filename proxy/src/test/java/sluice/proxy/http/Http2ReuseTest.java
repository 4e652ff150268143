package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.route.Side;

/** An HTTP/2 stream that was reset from here, and the next stream that has its front, while the reset has not left yet. */
@Timeout(60)
class Http2ReuseTest {
    private static final int LARGE = 16 << 20;

    @TempDir
    Path directory;

    private final AtomicLong sent = new AtomicLong();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final LittleSite site = new LittleSite(this::answer);
    private Bench bench;
    private int port;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(directory, site, site);
        port = bench.listenTls();
    }

    @AfterEach
    void close() throws IOException {
        goOn.countDown();
        bench.close();
        site.close();
    }

    private void answer(LittleSite.Request request, LittleSite.Connection c) throws IOException {
        if (request.line().contains("/large")) {
            c.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
            String part = "x".repeat(64 << 10);
            for (int i = 0; i < LARGE; i += part.length()) {
                c.send(part);
                sent.addAndGet(part.length());
            }
        } else if (request.line().contains("/broken")) {
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            throw new IOException("closed by the test");
        } else {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    }

    /** A client with little room of its own and large windows: what it does not read fills the proxy's socket. */
    private Http2Wire client() throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        SSLSocket tls =
                (SSLSocket) AnyCertificate.context().getSocketFactory().createSocket(socket, "localhost", port, true);
        Http2Wire client = new Http2Wire(tls, Http2Wire.INITIAL_WINDOW_SIZE, LARGE);
        client.window(0, LARGE);
        return client;
    }

    @Test
    void theLateEndOfAResetStreamIsNotThatOfTheNextOne() throws Exception {
        try (Http2Wire client = client()) {
            int large = client.get("/large");
            bench.awaitStill(sent::get);
            assertThat(sent.get()).as("the socket is full").isLessThan(LARGE);
            int broken = client.get("/broken");
            bench.await(
                    s -> site.requests().size() == 2 && s.sides().get(Side.OLD).inFlight() == 1);
            int after = client.get("/after");
            bench.await(s -> s.sides().get(Side.OLD).inFlight() == 2);

            assertThat(client.answer(large).body()).hasSize(LARGE);
            assertThat(client.answer(broken).reset()).as("INTERNAL_ERROR").isEqualTo(2);
            goOn.countDown();
            assertThat(client.answer(after).text()).isEqualTo("ok");
        }
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }
}
