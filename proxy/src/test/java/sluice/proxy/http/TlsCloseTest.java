package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that end their half of a TLS connection, and read on. */
@Timeout(60)
class TlsCloseTest {
    private static final int SMALL = 16 << 10;

    @TempDir
    Path directory;

    private final LittleSite site = new LittleSite(
            (request, c) -> c.send("HTTP/1.1 200 OK\r\nContent-Length: " + SMALL + "\r\n\r\n" + "x".repeat(SMALL)));
    private Bench bench;
    private int port;

    @BeforeEach
    void start() throws Exception {
        bench = new Bench(directory, site, site);
        port = bench.listenTls();
    }

    @AfterEach
    void close() throws IOException {
        bench.close();
        site.close();
    }

    private SSLSocket client(String version) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        SSLSocket tls =
                (SSLSocket) AnyCertificate.context().getSocketFactory().createSocket(socket, "localhost", port, true);
        tls.setEnabledProtocols(new String[] {version});
        return tls;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoHasEndedItsHalfGetsTheEndOfItsLastAnswer(String version) throws Exception {
        try (Wire client = new Wire(client(version))) {
            int sent = 0;
            while (bench.onLoop(bench::outbound) == 0) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                sent++;
                int all = sent;
                bench.await(s -> bench.answered(2) == all);
            }
            client.socket().shutdownOutput();
            bench.awaitStill(() -> bench.onLoop(bench::outbound));
            // Longer than Netty gives a connection that is being closed: 3 s.
            long since = System.nanoTime();
            while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(3500)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
            for (int i = 0; i < sent; i++) {
                assertThat(client.answer().body()).hasSize(SMALL);
            }
            assertThat(client.closed()).isTrue();
        }
        bench.await(s -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }
}
