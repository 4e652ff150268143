package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.http.Http2Wire;

/**
 * 5,000 writes from 500 connections wait at a proxy as it is shipped, over TLS: what that costs in memory, that reads do not feel it,
 * and that everything leaves once and in order.
 */
@Timeout(180)
class ManyWaitingIT {
    /** Whether the time of reads is judged too; else it is only logged, since a busy machine says nothing about it. */
    private static final boolean TIMINGS = Boolean.getBoolean("sluice.timings");

    private static final int CONNECTIONS = 500;
    private static final int EACH = 10;

    private static final Logger log = LoggerFactory.getLogger(ManyWaitingIT.class);

    private static final int BATCH = 200;
    private static final int BATCHES = 25;
    private static final int WARM_UP = 15;

    @TempDir
    Path folder;

    /** Clients whose writes wait. Writer {@code i} of them sends {@code i:0} to {@code i:9}. */
    private interface Clients extends AutoCloseable {
        /** How many requests the gate sees at a time. */
        int atTheGate();

        /** Whether the writes of a connection reach the site in the order in which they were sent. */
        boolean inOrder();

        void send() throws Exception;

        /** The bodies of all answers, the answers of a connection in the order of its requests. */
        List<List<String>> answers() throws Exception;

        @Override
        void close() throws IOException;
    }

    /**
     * HTTP/1.1: the ten of a connection are sent at once (pipelined). Only the first of them is at the gate, the others wait behind it
     * in their connection until it is their turn: the gate counts 500.
     */
    private static final class Pipelined implements Clients {
        private final List<Line> lines = new ArrayList<>();
        private final SSLContext context;
        private final int port;

        Pipelined(SSLContext context, int port) {
            this.context = context;
            this.port = port;
        }

        @Override
        public int atTheGate() {
            return CONNECTIONS;
        }

        @Override
        public boolean inOrder() {
            return true;
        }

        @Override
        public void send() throws IOException {
            for (int i = 0; i < CONNECTIONS; i++) {
                StringBuilder all = new StringBuilder();
                for (int j = 0; j < EACH; j++) {
                    all.append(Line.write(i + ":" + j));
                }
                lines.add(Line.tls(context, port, address(i)).send(all.toString()));
            }
        }

        @Override
        public List<List<String>> answers() throws IOException {
            List<List<String>> all = new ArrayList<>();
            for (Line line : lines) {
                List<String> bodies = new ArrayList<>();
                for (int j = 0; j < EACH; j++) {
                    Line.Answer answer = line.answer();
                    assertThat(answer.status()).isEqualTo(200);
                    bodies.add(answer.body());
                }
                all.add(bodies);
            }
            return all;
        }

        @Override
        public void close() throws IOException {
            for (Line line : lines) {
                line.close();
            }
        }
    }

    /** HTTP/2: the ten of a connection wait beside each other, all of them at the gate. */
    private static final class Multiplexed implements Clients {
        private final List<Http2Wire> wires = new ArrayList<>();
        private final List<List<Integer>> streams = new ArrayList<>();
        private final SSLContext context;
        private final int port;

        Multiplexed(SSLContext context, int port) {
            this.context = context;
            this.port = port;
        }

        @Override
        public int atTheGate() {
            return CONNECTIONS * EACH;
        }

        @Override
        public boolean inOrder() {
            return false; // requests beside each other have no order
        }

        @Override
        public void send() throws Exception {
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket from = new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(address(i)), 0);
                Http2Wire wire = new Http2Wire(
                        (SSLSocket) context.getSocketFactory().createSocket(from, "localhost", port, true));
                wires.add(wire);
                List<Integer> sent = new ArrayList<>();
                for (int j = 0; j < EACH; j++) {
                    sent.add(wire.post("/api/v1/statuses", i + ":" + j));
                }
                streams.add(sent);
            }
        }

        @Override
        public List<List<String>> answers() throws Exception {
            List<List<String>> all = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                List<String> bodies = new ArrayList<>();
                for (int stream : streams.get(i)) {
                    Http2Wire.Answer answer = wires.get(i).answer(stream);
                    assertThat(answer.status()).isEqualTo(200);
                    bodies.add(answer.text());
                }
                all.add(bodies);
            }
            return all;
        }

        @Override
        public void close() throws IOException {
            for (Http2Wire wire : wires) {
                wire.close();
            }
        }
    }

    /** Twenty connections come from an address, so that no client has more than its share of the gate (256 by default). */
    private static String address(int connection) {
        return "127.0.0." + (2 + connection / 20);
    }

    @Test
    void pipelinedOnHttp1() throws Exception {
        run(Pipelined::new);
    }

    @Test
    void besideEachOtherOnHttp2() throws Exception {
        run(Multiplexed::new);
    }

    private interface Kind {
        Clients of(SSLContext context, int port);
    }

    private void run(Kind kind) throws Exception {
        Path apart = Files.createDirectory(folder.resolve("apart"));
        try (WriteSite old = new WriteSite("old");
                WriteSite next = new WriteSite("new");
                DistProxy other = DistProxy.runUnwatched(Configs.tls(apart, old.uri(), next.uri(), ""));
                DistProxy proxy = DistProxy.runUnwatched(Configs.tls(
                        folder, old.uri(), next.uri(), "gate = { wait = \"5m\", max_parked_per_client = 0 }"))) {
            AdminSocket admin = Configs.admin(folder);
            SSLContext context = Client.trusting(Configs.certificate(folder));
            int port = proxy.port("https");
            try (Line reader = Line.tls(context, port);
                    Line resting = Line.tls(Client.trusting(Configs.certificate(apart)), other.port("https"));
                    Clients clients = kind.of(context, port)) {
                reads(WARM_UP, resting, reader);
                Reads before = reads(BATCHES, resting, reader);
                long memoryBefore = proxy.residentKib();

                admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test");
                clients.send();
                JsonNode held = admin.awaitState(s -> s.at("/gate/waiting").asInt() == clients.atTheGate());
                long growthKib = proxy.residentKib() - memoryBefore;
                Reads during = reads(BATCHES, resting, reader);
                log.info("{} writes wait: the proxy has grown by {} KiB", CONNECTIONS * EACH, growthKib);
                log.info("reads while writes wait: {}; before the hold: {}", during, before);
                assertThat(growthKib).isLessThan(64 << 10);
                if (TIMINGS) {
                    assertThat(during.ratio()).as("%s", during).isLessThan(2);
                }
                assertThat(held.at("/totals/shed").asInt()).isZero();
                assertThat(old.writes()).isEmpty();

                admin.done("POST", "/v1/flip?to=new&drained=true");
                admin.done("POST", "/v1/release?wait=60s");
                List<List<String>> answers = clients.answers();
                for (int i = 0; i < CONNECTIONS; i++) {
                    int writer = i;
                    List<String> expected = IntStream.range(0, EACH)
                            .mapToObj(j -> "new " + writer + ":" + j)
                            .toList();
                    assertThat(answers.get(i)).isEqualTo(expected);
                }
                assertThat(old.writes()).isEmpty();
                assertThat(next.writes())
                        .hasSize(CONNECTIONS * EACH)
                        .allSatisfy((id, times) -> assertThat(times).as(id).isEqualTo(1));
                if (clients.inOrder()) {
                    assertThat(next.orders())
                            .hasSize(CONNECTIONS)
                            .allSatisfy((writer, order) -> assertThat(order)
                                    .isEqualTo(IntStream.range(0, EACH).boxed().toList()));
                }
                JsonNode totals = admin.state().at("/totals");
                assertThat(totals.at("/parked").asInt()).isGreaterThanOrEqualTo(clients.atTheGate());
                assertThat(totals.at("/released").asInt())
                        .isEqualTo(totals.at("/parked").asInt());
                assertThat(totals.at("/stale_writes").asInt()).isZero();
            }
        }
    }

    /**
     * The p99 of reads, one after another, in microseconds. The machine is shared and noisy, so that each batch is followed by one
     * through a second proxy where nothing waits: what counts is how the two compare.
     *
     * @param here the median over the batches, through the proxy that is tested
     * @param atRest the same through the other one
     * @param ratio of neighbouring batches, the median
     */
    private record Reads(long here, long atRest, double ratio) {}

    private static Reads reads(int batches, Line resting, Line reader) throws IOException {
        double[] atRest = new double[batches];
        double[] here = new double[batches];
        double[] ratios = new double[batches];
        for (int b = 0; b < batches; b++) {
            atRest[b] = p99(resting);
            here[b] = p99(reader);
            ratios[b] = here[b] / atRest[b];
        }
        return new Reads(Math.round(median(here)), Math.round(median(atRest)), median(ratios));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double p99(Line line) throws IOException {
        long[] nanos = new long[BATCH];
        for (int i = 0; i < BATCH; i++) {
            long start = System.nanoTime();
            assertThat(line.send(Line.READ).answer().body()).isEqualTo("old");
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[BATCH * 99 / 100] / 1e3;
    }
}
