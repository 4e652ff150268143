package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * 2,000 clients that are slow on purpose, by slowhttptest over TLS from one address, and others from another one, who are served as
 * before. With the cap on the connections of one address as it is by default, most of the slow are sent away; with a higher one, all
 * of them stay, and the others are served nevertheless.
 */
@Tag("long")
@Timeout(300)
class SlowClientsIT {
    private static final Logger log = LoggerFactory.getLogger(SlowClientsIT.class);

    private static final int CLIENTS = 2000;
    private static final int DEFAULT_CAP = 256;
    private static final int SECONDS = 25;
    /** slowhttptest's own address; the others come from elsewhere. */
    private static final String OTHERS = "127.0.0.77";

    private static final int REQUESTS_OF_A_CONNECTION = 10;

    @TempDir
    Path folder;

    /** How they are slow. */
    private enum Slow {
        HEADERS("/about", "-H -i 5"),
        BODY("/api/v1/statuses", "-B -i 5 -s 8192 -t POST"),
        /** The kernels' buffers take some megabytes of an answer. */
        READ("/bulk/33554432", "-X -n 5 -z 32 -w 512 -y 1024 -k 1");

        private final String path;
        private final String options;

        Slow(String path, String options) {
            this.path = path;
            this.options = options;
        }
    }

    /** How the requests of the others went, each in microseconds. */
    private record Served(List<Long> micros) {
        long median() {
            long[] sorted = micros.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return sorted[sorted.length / 2];
        }
    }

    @ParameterizedTest
    @EnumSource
    void theCapOfOneAddressHolds(Slow slow) throws Exception {
        run(slow, DEFAULT_CAP);
    }

    @ParameterizedTest
    @EnumSource
    void othersAreServedWhileAllOfThemStay(Slow slow) throws Exception {
        run(slow, 2 * CLIENTS);
    }

    private void run(Slow slow, int cap) throws Exception {
        String top = "limits.connections_per_address = " + cap + "\nlimits.connections = " + (2 * CLIENTS + 96);
        ExecutorService other = Executors.newSingleThreadExecutor();
        AtomicBoolean over = new AtomicBoolean();
        try (BulkSite site = new BulkSite();
                DistProxy proxy = DistProxy.runUnwatched(Configs.tls(folder, site.uri(), site.uri(), top))) {
            AdminSocket admin = Configs.admin(folder);
            SSLContext context = Client.trusting(Configs.certificate(folder));
            int port = proxy.port("https");
            others(context, port, 50);
            Served before = others(context, port, 200);
            try (Program slowly = Program.start(java.util.Map.of(), command(slow, port))) {
                Future<Served> during = other.submit(others(context, port, over));
                long most = 0;
                while (slowly.running()) {
                    most = Math.max(most, connections(admin));
                    slowly.awaitExitFor(200);
                }
                over.set(true);
                Served served = during.get(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS);
                log.info(
                        "{}, cap {}: at most {} connections; {} requests of others, all answered, {} times the time of before",
                        slow,
                        cap,
                        most,
                        served.micros().size(),
                        Math.round(10.0 * served.median() / before.median()) / 10.0);
                assertThat(served.micros()).hasSizeGreaterThan(100);
                if (cap < CLIENTS) {
                    // And the few that the others have.
                    assertThat(most).isBetween((long) cap, cap + 10L);
                } else {
                    assertThat(most).as("%s", slowly.lines()).isGreaterThanOrEqualTo(CLIENTS);
                }
            }
            assertThat(proxy.lines()).noneMatch(line -> line.contains("OutOfMemory") || line.contains(" ERROR "));
        } finally {
            over.set(true);
            other.shutdownNow();
        }
    }

    private static List<String> command(Slow slow, int port) {
        List<String> command = new ArrayList<>(List.of("slowhttptest"));
        command.addAll(List.of(slow.options.split(" ")));
        command.addAll(List.of(
                "-c", Integer.toString(CLIENTS), "-r", "500", "-l", Integer.toString(SECONDS), "-p", "10", "-u"));
        command.add("https://127.0.0.1:" + port + slow.path);
        return command;
    }

    /** Open connections of clients, as the proxy counts them. */
    private static long connections(AdminSocket admin) throws Exception {
        Matcher matcher = Pattern.compile("sluice_connections\\{protocol=\"http[12]\"\\} ([0-9.]+)")
                .matcher(admin.text("/metrics"));
        long sum = 0;
        while (matcher.find()) {
            sum += (long) Double.parseDouble(matcher.group(1));
        }
        return sum;
    }

    private static Served others(SSLContext context, int port, int requests) throws Exception {
        List<Long> micros = new ArrayList<>();
        while (micros.size() < requests) {
            connection(context, port, micros);
        }
        return new Served(micros);
    }

    private static Callable<Served> others(SSLContext context, int port, AtomicBoolean over) {
        return () -> {
            List<Long> micros = new ArrayList<>();
            while (!over.get()) {
                connection(context, port, micros);
            }
            return new Served(micros);
        };
    }

    /** Every one is answered, or this fails. */
    private static void connection(SSLContext context, int port, List<Long> micros) throws Exception {
        try (Line line = Line.tls(context, port, OTHERS)) {
            for (int i = 0; i < REQUESTS_OF_A_CONNECTION; i++) {
                long start = System.nanoTime();
                Line.Answer answer = line.send(Line.READ).answer();
                micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start));
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("ok");
            }
        }
    }
}
