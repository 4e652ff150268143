package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.metrics.LoopMetrics;

/** Clients that take their answers slowly, or not at all. */
@Timeout(60)
class SlowClientTest {
    private static final int SMALL = 16 << 10;
    private static final int BODY = 64 << 10;
    private static final int LARGE = 16 << 20;

    @TempDir
    Path directory;

    private LittleSite site;
    private Bench bench;

    @BeforeEach
    void start() throws IOException {
        site = new LittleSite((request, connection) -> {
            int length =
                    request.line().contains("large") ? LARGE : request.line().contains("small") ? SMALL : BODY;
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + "x".repeat(length));
        });
        bench = new Bench(directory, site, site);
    }

    @AfterEach
    void stop() throws IOException {
        bench.close();
        site.close();
    }

    /** A client with little room of its own, so that what it does not take stays with the proxy. */
    private Wire client() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), bench.port()));
        return new Wire(socket);
    }

    @Test
    void theEndOfAnAnswerIsNotCutOffWhereTheConnectionEndsWithIt() throws IOException {
        try (Wire client = client()) {
            client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            String head = Wire.head(client.in());
            int taken = 0;
            // Until the proxy has all of it, and the rest waits in its buffer.
            while (bench.answered(2) == 0) {
                taken += client.in().readNBytes(BODY).length;
            }
            bench.pass(Duration.ofSeconds(10));
            taken += client.in().readAllBytes().length;
            assertThat(head).startsWith("HTTP/1.1 200 ");
            assertThat(taken).isEqualTo(LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1", "1.0"})
    void whoHalfClosesAndTakesALargeAnswerSlowlyGetsAllOfIt(String version) throws IOException {
        try (Wire client = client()) {
            client.send("GET /large HTTP/" + version + "\r\nHost: a\r\n\r\n");
            int first = client.in().read();
            client.socket().shutdownOutput();
            // Until the proxy has filled the sockets' buffers, and waits for the client.
            bench.awaitStill(() -> bench.onLoop(bench::outbound));
            assertThat(bench.onLoop(bench::outbound)).isPositive();

            String head = (char) first + Wire.head(client.in());

            assertThat(head).startsWith("HTTP/1.1 200 ");
            assertThat(client.in().readAllBytes()).hasSize(LARGE);
        }
        bench.await(s -> open() == 0);
    }

    @Test
    void whoHalfClosesBehindWhatItSentAheadGetsAllAnswers() throws IOException {
        int requests = 300;
        try (Wire client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(requests));
            bench.awaitStill(() -> site.requests().size());
            assertThat(site.requests().size()).isLessThan(requests / 2);
            client.socket().shutdownOutput();
            bench.awaitStill(() -> bench.onLoop(bench::outbound));
            for (int i = 0; i < requests; i++) {
                assertThat(client.answer().body()).hasSize(BODY);
            }
            assertThat(client.closed()).isTrue();
        }
        bench.await(s -> open() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na", "x\r\n\r\n"})
    void whoHalfClosesWhileItsLastAnswerIsNotOutGetsTheEndOfIt(String behind) throws IOException {
        try (Wire client = client()) {
            int sent = unsent(client);
            client.send(behind);
            client.socket().shutdownOutput();
            bench.await(s -> bench.onLoop(bench::outbound) > 0);
            takesAll(client, sent);
        }
        bench.await(s -> open() == 0);
    }

    @Test
    void aStopDoesNotCutOffTheEndOfAnAnswer() throws IOException {
        try (Wire client = client()) {
            int sent = unsent(client);
            Future<Void> stopped = bench.path.stop();
            assertThat(stopped.isDone()).isFalse();
            takesAll(client, sent);
            assertThat(stopped.awaitUninterruptibly(10_000)).isTrue();
        }
    }

    /** Asks until the end of an answer waits in the proxy, though its request has ended; returns how many. */
    private int unsent(Wire client) throws IOException {
        int sent = 0;
        while (bench.onLoop(bench::outbound) == 0) {
            client.send("GET /small HTTP/1.1\r\nHost: a\r\n\r\n");
            sent++;
            int all = sent;
            bench.await(s -> bench.answered(2) == all);
        }
        return sent;
    }

    private static void takesAll(Wire client, int answers) throws IOException {
        for (int i = 0; i < answers; i++) {
            assertThat(client.answer().body()).hasSize(SMALL);
        }
    }

    private long open() {
        return bench.onLoop(() -> bench.metrics.connections(LoopMetrics.Protocol.HTTP1));
    }

    @Test
    void whoTakesNoAnswersIsSentNoMoreOfThem() throws IOException {
        int requests = 300;
        try (Wire client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(requests));
            bench.awaitStill(() -> site.requests().size());
            assertThat(site.requests().size()).isLessThan(requests / 2);
            for (int i = 0; i < requests; i++) {
                assertThat(client.answer().body()).hasSize(BODY);
            }
            assertThat(site.requests()).hasSize(requests);
        }
    }

    @Test
    void whoTakesNothingForTooLongIsCutOff() throws IOException {
        try (Wire client = client()) {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(300));
            bench.awaitStill(() -> site.requests().size());
            bench.pass(Duration.ofMinutes(3));
            assertThat(client.in().readAllBytes()).hasSizeLessThan(300 * BODY);
        }
    }
}
