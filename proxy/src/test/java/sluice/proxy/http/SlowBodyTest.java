package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that come byte by byte. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class SlowBodyTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String HEAD = "POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private final ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    private Bench bench;

    @AfterEach
    void close() throws IOException {
        drip.shutdownNow();
        site.close();
        bench.close();
    }

    private interface Drop {
        void fall() throws IOException;
    }

    /** Every 100 ms, until the other side does not want it any more. */
    private void dripping(Drop drop) {
        drip.scheduleAtFixedRate(
                () -> {
                    try {
                        drop.fall();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                0,
                100,
                TimeUnit.MILLISECONDS);
    }

    @Test
    void aBodyCannotBeDrippedForEver() throws Exception {
        bench = BenchPlan.of(directory, site, site)
                .with(BenchPlan.bodyTime(LONG, 0, Duration.ofSeconds(1)))
                .open();
        try (Wire client = bench.client()) {
            client.send(HEAD);
            dripping(() -> client.send("x"));
            assertThat(client.answer().status()).isEqualTo(408);
        }
        assertThat(site.requests()).isEmpty();
    }

    @Test
    void norOverHttp2() throws Exception {
        bench = BenchPlan.of(directory, site, site)
                .with(BenchPlan.bodyTime(LONG, 0, Duration.ofSeconds(1)))
                .open();
        try (Http2Wire client = new Http2Wire(bench.listenTls())) {
            int stream = client.request("POST", "/inbox", false);
            dripping(() -> client.data(stream, "x", false));
            assertThat(client.answer(stream).status()).isEqualTo(408);
            drip.shutdownNow();
            assertThat(client.answer(client.get("/")).status())
                    .as("the connection stays")
                    .isEqualTo(200);
        }
    }

    @Test
    void theNextBodyHasItsOwnTime() throws Exception {
        bench = BenchPlan.of(directory, site, site)
                .with(BenchPlan.bodyTime(LONG, 0, Duration.ofSeconds(2)))
                .open();
        try (Wire client = bench.client()) {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
            while (System.nanoTime() < until) {
                assertThat(client.post("/inbox", "x").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void whoIsSlowerThanTheLeastRateIsCut() throws Exception {
        bench = BenchPlan.of(directory, site, site)
                .with(BenchPlan.bodyTime(LONG, 1000, LONG))
                .open();
        try (Wire slow = bench.client();
                Wire fast = bench.client()) {
            slow.send(HEAD);
            // Pays for longer than the grace, at once.
            fast.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 31000\r\n\r\n" + "x".repeat(30_000));
            dripping(() -> slow.send("x"));
            assertThat(slow.answer().status()).isEqualTo(408);
            fast.socket().setSoTimeout(500);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(fast::answer))
                    .as("its average is above the rate")
                    .isInstanceOf(SocketTimeoutException.class);
            fast.socket().setSoTimeout(20_000);
            assertThat(fast.send("x".repeat(1000)).answer().status()).isEqualTo(200);
        }
    }
}
