package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.gate.RehearsalReport;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.route.RequestClass;

/** {@code POST /v1/rehearse} over real sockets, and its sentence. */
@Timeout(60)
class RehearseCallTest {
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

    private String phase() {
        return bench.unix.get("/v1/state").json().at("/gate/phase").asText();
    }

    @Test
    void a_dry_one_answers_with_numbers_and_a_sentence() {
        JsonNode report = bench.unix.post("/v1/rehearse", "{\"for\":\"50ms\"}").json();

        assertThat(report.at("/real").asBoolean(true)).isFalse();
        assertThat(report.at("/for_ms").asLong()).isEqualTo(50);
        assertThat(report.at("/parked/total").asLong()).isZero();
        assertThat(report.at("/shed/total").asLong()).isZero();
        assertThat(report.at("/note").isNull()).isTrue();
        assertThat(report.at("/summary").asText())
                .matches("a hold of \\d+ ms now would have parked 0 requests, asked none to retry; "
                        + "no write was in flight at its begin");
    }

    @Test
    void a_real_one_holds_for_so_long_and_answers_when_the_gate_is_open_again() {
        RawHttp.Answer answer = bench.unix.post("/v1/rehearse?for=100ms&real=true", "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/lasted_ms").asLong()).isGreaterThanOrEqualTo(100);
        assertThat(answer.json().at("/summary").asText())
                .startsWith("a hold of ")
                .contains(" parked 0 requests");
        assertThat(phase()).isEqualTo("open");
        assertThat(answer.json().at("/state/epoch").asLong()).isEqualTo(3);
        assertThat(answer.header("etag")).isEqualTo("\"3\"");
        assertThat(bench.unix.get("/v1/state").json().at("/epoch").asLong()).isEqualTo(3);
    }

    @Test
    void a_real_one_releases_although_its_caller_has_hung_up() throws IOException {
        try (SocketChannel caller = SocketChannel.open(bench.unix.address())) {
            caller.write(ByteBuffer.wrap("POST /v1/rehearse?for=600ms&real=true HTTP/1.1\r\nHost: x\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII)));
            AdminBench.await(() -> !phase().equals("open"));
        }
        AdminBench.await(() -> phase().equals("open"));
        assertThat(bench.unix.get("/v1/state").json().at("/gate/hold").isNull()).isTrue();
    }

    @Test
    void what_makes_no_sense_is_refused() {
        assertThat(bench.unix.post("/v1/rehearse?for=61s", "").status()).isEqualTo(400);
        assertThat(bench.unix.post("/v1/rehearse?real=maybe", "").status()).isEqualTo(400);
        assertThat(bench.unix.post("/v1/rehearse?four=5s", "").status()).isEqualTo(400);
        assertThat(bench.unix.get("/v1/rehearse").status()).isEqualTo(405);
        assertThat(bench.unix
                        .send("POST", "/v1/rehearse?for=1s&real=true", "", "If-Match: \"9\"")
                        .status())
                .isEqualTo(412);
        assertThat(bench.tcp.post("/v1/rehearse?for=1s", "").status()).isEqualTo(401);
        assertThat(phase()).isEqualTo("open");
    }

    @Test
    void there_is_one_at_a_time_and_a_hold_ends_a_dry_one() {
        CompletableFuture<RawHttp.Answer> dry = beginLongOne();
        assertThat(dry).isNotDone();

        assertThat(bench.unix.post("/v1/hold?owner=me&wait=5s", "").status()).isEqualTo(200);

        RawHttp.Answer early = dry.join();
        assertThat(early.status()).isEqualTo(200);
        assertThat(early.json().at("/note").asText()).matches("the hold h\\d+ of me began");
        assertThat(bench.unix.post("/v1/rehearse?for=1s", "").status()).isEqualTo(409);
    }

    /** Begins a dry one of 30 s, and returns when another one is refused because of it. */
    private CompletableFuture<RawHttp.Answer> beginLongOne() {
        while (true) {
            CompletableFuture<RawHttp.Answer> dry = AdminBench.begin(() -> bench.unix.post("/v1/rehearse?for=30s", ""));
            AdminBench.await(() -> dry.isDone() || isRefused());
            if (!dry.isDone()) {
                return dry;
            }
            // The other one, which asks whether this one runs, was first.
            assertThat(dry.join().status()).isEqualTo(409);
        }
    }

    private boolean isRefused() {
        return bench.tcp
                        .send("POST", "/v1/rehearse?for=1ms", "", "Authorization: Bearer " + AdminBench.BOB)
                        .status()
                == 409;
    }

    @Test
    void the_sentence_says_it_all() {
        RehearsalReport report = new RehearsalReport(
                false,
                Duration.ofSeconds(5),
                Duration.ofMillis(5_003),
                Map.of(RequestClass.INBOX, 12L, RequestClass.WRITE, 25L),
                1_258_291,
                Map.of(RequestClass.INBOX, Map.of(ShedReason.WAITED, 3L)),
                4,
                Duration.ofMillis(140),
                0,
                Duration.ofMillis(3_210),
                "");

        assertThat(RehearsalJson.sentence(report))
                .isEqualTo("a hold of 5 s now would have parked 37 requests (12 inbox, 25 write), 1.2 MiB, "
                        + "asked 3 to retry (3 inbox: waited); the 4 writes in flight at its begin had ended after 140 ms; "
                        + "the longest write in flight had run for 3.2 s");
    }

    @Test
    void the_sentence_says_what_went_wrong() {
        RehearsalReport report = new RehearsalReport(
                true,
                Duration.ofSeconds(5),
                Duration.ofMillis(900),
                Map.of(RequestClass.WRITE, 1L),
                100,
                Map.of(),
                1,
                null,
                2,
                Duration.ofSeconds(60),
                "the hold h2 was ended by bob");

        assertThat(RehearsalJson.sentence(report))
                .isEqualTo("a hold of 900 ms parked 1 request (1 write), 100 bytes, asked none to retry; "
                        + "the write in flight at its begin had not ended: it would not have been drained; "
                        + "the longest write in flight had run for 60 s; 2 unknown writes stand in the way of drained; "
                        + "but the hold h2 was ended by bob");
    }
}
