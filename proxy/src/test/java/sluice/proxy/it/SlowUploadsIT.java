package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Uploads of one byte a second: a hold is drained, and a release done, as if they were not there. */
@Timeout(120)
class SlowUploadsIT {
    private static final int UPLOADS = 200;
    /** At a byte a second it would take a quarter of an hour. */
    private static final int LENGTH = 900;

    /** For what has nothing to wait for; generous, for a machine that does other things too. */
    private static final long AT_ONCE_MILLIS = 2000;

    @TempDir
    Path folder;

    /** A body that comes in small pieces. */
    private static final class Upload {
        private final Line line;
        private final String body;
        private int sent;

        Upload(Line line, String id) throws IOException {
            this.line = line;
            body = "x".repeat(LENGTH - id.length()) + id;
            line.send("POST /api/v2/media HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + LENGTH + "\r\n\r\n");
        }

        synchronized void oneByte() throws IOException {
            if (sent < LENGTH) {
                line.send(body.substring(sent, ++sent));
            }
        }

        synchronized void rest() throws IOException {
            line.send(body.substring(sent));
            sent = LENGTH;
        }
    }

    @Test
    void aHoldAndAReleaseDoNotNoticeThem() throws Exception {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        List<Upload> uploads = new ArrayList<>();
        try (WriteSite old = new WriteSite("old");
                WriteSite next = new WriteSite("new");
                DistProxy proxy = DistProxy.run(Configs.plain(folder, old.uri(), next.uri(), "gate.wait = \"5m\""))) {
            AdminSocket admin = Configs.admin(folder);
            for (int i = 0; i < UPLOADS; i++) {
                uploads.add(new Upload(Line.plain(proxy.port("http")), "#" + i));
            }
            CountDownLatch before = new CountDownLatch(2);
            AtomicReference<CountDownLatch> rounds = new AtomicReference<>(before);
            AtomicReference<IOException> failure = new AtomicReference<>();
            clock.scheduleAtFixedRate(
                    () -> {
                        try {
                            for (Upload upload : uploads) {
                                upload.oneByte();
                            }
                        } catch (IOException e) {
                            failure.set(e);
                        }
                        rounds.get().countDown();
                    },
                    0,
                    1,
                    TimeUnit.SECONDS);
            await(before);

            long start = System.nanoTime();
            JsonNode held = admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test");
            assertThat(millisSince(start)).isLessThan(AT_ONCE_MILLIS);
            assertThat(held.at("/gate/phase").asText()).isEqualTo("drained");
            assertThat(held.at("/gate/writes_in_flight").asInt()).isZero();
            CountDownLatch during = new CountDownLatch(2);
            rounds.set(during);
            await(during);
            assertThat(admin.state().at("/gate/waiting").asInt())
                    .as("an upload that is not complete is not at the gate")
                    .isZero();

            // Some become complete while the gate is shut: they wait like any other.
            for (Upload upload : uploads.subList(0, UPLOADS / 4)) {
                upload.rest();
            }
            admin.awaitState(s -> s.at("/gate/waiting").asInt() == UPLOADS / 4);
            assertThat(old.writes().size() + next.writes().size()).isZero();

            admin.done("POST", "/v1/flip?to=new&drained=true");
            start = System.nanoTime();
            JsonNode released = admin.done("POST", "/v1/release?wait=20s");
            assertThat(millisSince(start)).isLessThan(AT_ONCE_MILLIS);
            assertThat(released.at("/gate/phase").asText()).isEqualTo("open");
            assertThat(released.at("/gate/waiting").asInt()).isZero();

            assertThat(failure.get()).as("every upload went on all the time").isNull();
            for (Upload upload : uploads) {
                upload.rest();
                assertThat(upload.line.answer().body()).isEqualTo("new " + upload.body);
            }
            assertThat(old.writes()).isEmpty();
            assertThat(next.writes())
                    .hasSize(UPLOADS)
                    .allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
            JsonNode totals = admin.state().at("/totals");
            assertThat(totals.at("/parked").asInt()).isEqualTo(UPLOADS / 4);
            assertThat(totals.at("/released").asInt()).isEqualTo(UPLOADS / 4);
        } finally {
            clock.shutdownNow();
            for (Upload upload : uploads) {
                upload.line.close();
            }
        }
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
