package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code /v1/events} over real sockets. */
@Timeout(60)
class EventsTest {
    @TempDir
    Path folder;

    private AdminBench bench;

    @BeforeEach
    void start() {
        bench = new AdminBench(folder);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    private EventReader listening() throws IOException {
        EventReader reader = new EventReader(bench.unix);
        assertThat(reader.head())
                .startsWith("HTTP/1.1 200 OK\n")
                .containsIgnoringCase("content-type: text/event-stream");
        assertThat(reader.next().kind()).as("the state first").isEqualTo("state");
        return reader;
    }

    @Test
    void every_transition_is_told_in_order_with_who_before_and_after() throws IOException {
        try (EventReader one = listening();
                EventReader two = listening()) {
            bench.unix.send("PUT", "/v1/preview?upstream=new&cookie=a%3Db", "");
            bench.unix.post("/v1/hold?owner=me&wait=5s", "");
            bench.unix.post("/v1/release?to=new&wait=5s", "");
            for (EventReader reader : List.of(one, two)) {
                List<String> told = new ArrayList<>();
                for (int i = 1; i <= 5; i++) {
                    EventReader.Event event = reader.next("transition");
                    assertThat(event.id()).isEqualTo(i);
                    told.add(event.data().at("/what").asText() + " "
                            + event.data().at("/before/epoch") + "-"
                            + event.data().at("/after/epoch") + " "
                            + event.data().at("/after/active").asText() + " "
                            + event.data().at("/after/phase").asText());
                    assertThat(event.data().at("/who").asText()).startsWith(i == 3 ? "the gate" : "uid ");
                }
                assertThat(told)
                        .containsExactly(
                                "preview 1-1 old open",
                                "hold 1-2 old holding",
                                "drained 2-2 old drained",
                                "flip 2-3 new drained",
                                "release 3-4 new open");
            }
        }
    }

    @Test
    void a_state_comes_every_second_and_nothing_runs_when_nobody_listens() throws IOException {
        assertThat(bench.server.events().beats()).isFalse();
        try (EventReader one = listening();
                EventReader two = listening()) {
            long begun = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                EventReader.Event event = one.next();
                assertThat(event.kind()).isEqualTo("state");
                assertThat(event.data().at("/gate/phase").asText()).isEqualTo("open");
            }
            assertThat(System.nanoTime() - begun).isGreaterThan(1_000_000_000L);
            assertThat(two.next().kind()).isEqualTo("state");
            one.socket.close();
            assertThat(two.next().kind()).as("the other one goes on").isEqualTo("state");
            assertThat(bench.server.events().beats()).isTrue();
        }
        AdminBench.await(() -> !bench.server.events().beats());
    }

    @Test
    void a_transition_is_told_after_its_barrier() throws Exception {
        try (EventReader reader = listening()) {
            CountDownLatch loopIsBusy = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            bench.loops.get(1).execute(() -> {
                loopIsBusy.countDown();
                awaitQuietly(goOn);
            });
            loopIsBusy.await();
            var flip = AdminBench.begin(() -> bench.unix.post("/v1/flip?to=new", ""));
            // The other loop goes by it already: the switchboard has published.
            AdminBench.await(() -> bench.activeOn(0).equals("new"));
            reader.socket.configureBlocking(false);
            ByteBuffer none = ByteBuffer.allocate(8192);
            while (reader.socket.read(none) > 0) {
                // a state that was asked for before
            }
            assertThat(new String(none.array(), 0, none.position(), java.nio.charset.StandardCharsets.UTF_8))
                    .doesNotContain("transition");
            reader.socket.configureBlocking(true);
            assertThat(flip).isNotDone();

            goOn.countDown();

            assertThat(reader.next("transition").data().at("/what").asText()).isEqualTo("flip");
            assertThat(flip.get().status()).isEqualTo(200);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void who_does_not_read_is_cut_and_holds_up_nobody() throws IOException {
        try (EventReader reads = listening();
                EventReader sleeps = listening()) {
            // Each is a transition of more than 1 KB for each listener.
            String owner = "o".repeat(200);
            int transitions = 0;
            while (bench.server.events().listeners() == 2 && transitions < 4_000) {
                String mark = transitions % 2 == 0 ? "a" : "b";
                RawHttp.Answer answer = bench.unix.send("PUT", "/v1/preview?upstream=new&header=x:" + mark + owner, "");
                assertThat(answer.status()).isEqualTo(200);
                transitions++;
                assertThat(reads.next("transition").id()).isEqualTo(transitions);
            }
            assertThat(bench.server.events().listeners())
                    .as("the one that does not read is cut")
                    .isEqualTo(1);
            EventReader.Event last = sleeps.next();
            int got = 0;
            try {
                while (last != null) {
                    got++;
                    last = sleeps.next();
                }
            } catch (IOException | RuntimeException e) {
                // cut in the middle of an event
            }
            assertThat(got).isLessThan(transitions + 10);
            bench.unix.send("DELETE", "/v1/preview", "");
            assertThat(reads.next("transition").data().at("/what").asText()).isEqualTo("preview ended");
        }
    }

    @Test
    void a_stop_ends_them() throws IOException {
        try (EventReader reader = listening()) {
            bench.server.close();

            EventReader.Event event = reader.next();
            while (event != null) {
                event = reader.next();
            }
        }
    }

    @Test
    void over_tcp_it_needs_the_token() throws IOException {
        assertThat(bench.tcp.get("/v1/events").status()).isEqualTo(401);
        try (EventReader reader = new EventReader(bench.tcp, "Authorization: Bearer " + AdminBench.BOB)) {
            assertThat(reader.head()).startsWith("HTTP/1.1 200 OK\n");
            assertThat(reader.next().kind()).isEqualTo("state");
        }
    }

    @Test
    void over_http_1_1_there_are_chunks_and_an_end() throws IOException {
        var whole = AdminBench.begin(() -> {
            String raw = bench.unix.raw("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
            return new RawHttp.Answer(200, raw, "");
        });
        AdminBench.await(() -> bench.server.events().listeners() == 1);
        bench.unix.post("/v1/flip?to=new", "");

        bench.server.close();

        String raw = whole.join().head();
        assertThat(raw)
                .containsIgnoringCase("transfer-encoding: chunked")
                .contains("\r\nevent: transition\nid: 1\ndata: {");
        assertThat(raw).endsWith("\r\n0\r\n\r\n");
    }

    @Test
    void another_method_parameters_and_too_many_are_refused() throws IOException {
        assertThat(bench.unix.post("/v1/events", "").status()).isEqualTo(405);
        assertThat(bench.unix.get("/v1/events?from=1").status()).isEqualTo(400);
        List<EventReader> all = new ArrayList<>();
        for (int i = 0; i < Events.MOST; i++) {
            all.add(listening());
        }
        assertThat(bench.unix.get("/v1/events").status()).isEqualTo(503);
        assertThat(bench.unix.get("/v1/state").status()).isEqualTo(200);
        for (EventReader reader : all) {
            reader.close();
        }
        AdminBench.await(() -> bench.server.events().listeners() == 0);
        listening().close();
    }

    @Test
    void a_listener_that_says_something_is_ended() throws IOException {
        try (EventReader reader = listening()) {
            reader.socket.write(ByteBuffer.wrap(
                    "GET /v1/state HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            EventReader.Event event = reader.next();
            while (event != null) {
                assertThat(event.kind()).isEqualTo("state");
                event = reader.next();
            }
        }
        AdminBench.await(() -> bench.server.events().listeners() == 0);
    }
}
