package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.gate.Admission;
import sluice.proxy.gate.LoopGate;
import sluice.proxy.gate.Passage;
import sluice.proxy.gate.RequestInfo;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.route.RequestClass;

/**
 * Two operators who do not know of each other, over real sockets: whoever comes second is told with 409 or 412, what he knows is
 * never undone behind his back, and nobody hangs.
 */
@Timeout(120)
class OperatorsTest {
    private static final int ROUNDS = 15;

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

    private RawHttp.Answer alice(String method, String target, String... headers) {
        return as(AdminBench.ALICE, method, target, headers);
    }

    private RawHttp.Answer bob(String method, String target, String... headers) {
        return as(AdminBench.BOB, method, target, headers);
    }

    private RawHttp.Answer as(String token, String method, String target, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization: Bearer " + token);
        return bench.tcp.send(method, target, "", all.toArray(new String[0]));
    }

    private interface Call {
        RawHttp.Answer make();
    }

    /** Both at the same moment. */
    private static List<RawHttp.Answer> race(Call one, Call two) {
        CyclicBarrier start = new CyclicBarrier(2);
        List<CompletableFuture<RawHttp.Answer>> both = new ArrayList<>();
        for (Call call : List.of(one, two)) {
            both.add(AdminBench.begin(() -> {
                start.await();
                return call.make();
            }));
        }
        return both.stream()
                .map(answer -> answer.orTimeout(15, TimeUnit.SECONDS).join())
                .toList();
    }

    private static List<Integer> statuses(List<RawHttp.Answer> answers) {
        return answers.stream().map(RawHttp.Answer::status).sorted().toList();
    }

    private String epoch() {
        return bench.unix.get("/v1/state").header("etag");
    }

    private String phase() {
        return bench.unix.get("/v1/state").json().at("/gate/phase").asText();
    }

    /** A write on the first loop that is in flight until it is told to end. */
    private final class Write implements Passage.Owner {
        private final Passage passage = new Passage(this);
        private final CompletableFuture<Void> through = new CompletableFuture<>();

        Admission ask() {
            return onLoop(() -> loop().ask(passage, RequestClass.WRITE, 100));
        }

        void end(int status) {
            onLoop(() -> {
                loop().sending(passage);
                loop().ended(passage, status);
                return true;
            });
        }

        private LoopGate loop() {
            return bench.gate.loopGate(0);
        }

        private <T> T onLoop(java.util.function.Supplier<T> task) {
            CompletableFuture<T> done = new CompletableFuture<>();
            bench.loops.get(0).execute(() -> {
                try {
                    done.complete(task.get());
                } catch (RuntimeException | Error e) {
                    done.completeExceptionally(e);
                }
            });
            return done.join();
        }

        @Override
        public void granted() {
            through.complete(null);
        }

        @Override
        public void shed(ShedReason reason, int retryAfterSeconds) {
            through.completeExceptionally(new IllegalStateException("shed: " + reason));
        }

        @Override
        public String clientAddress() {
            return "192.0.2.1";
        }

        @Override
        public RequestInfo describe() {
            return new RequestInfo("", "", RequestClass.WRITE, "POST", "/", null, 0, 0);
        }
    }

    @Test
    void of_two_holds_at_once_one_is_a_conflict_that_names_the_other() {
        for (int round = 0; round < ROUNDS; round++) {
            List<RawHttp.Answer> answers = race(
                    () -> alice("POST", "/v1/hold?owner=alice&wait=5s"),
                    () -> bob("POST", "/v1/hold?owner=bob&wait=5s"));

            assertThat(statuses(answers)).containsExactly(200, 409);
            boolean aliceHolds = answers.get(0).status() == 200;
            assertThat(answers.get(aliceHolds ? 1 : 0).json().at("/detail").asText())
                    .contains("of " + (aliceHolds ? "alice" : "bob"));
            assertThat(bench.unix.post("/v1/release", "").status()).isEqualTo(200);
        }
    }

    @Test
    void of_two_flips_that_build_on_the_same_epoch_one_is_told_so() {
        for (int round = 0; round < ROUNDS; round++) {
            String epoch = "If-Match: " + epoch();
            String to =
                    bench.unix.get("/v1/state").json().at("/active").asText().equals("old") ? "new" : "old";

            List<RawHttp.Answer> answers = race(
                    () -> alice("POST", "/v1/flip?to=" + to, epoch), () -> bob("POST", "/v1/flip?to=" + to, epoch));

            assertThat(statuses(answers)).containsExactly(200, 412);
        }
    }

    @Test
    void two_releases_at_once_release_once_and_the_next_hold_is_safe_from_both() {
        for (int round = 0; round < ROUNDS; round++) {
            String hold =
                    alice("POST", "/v1/hold?wait=5s").json().at("/gate/hold/id").asText();

            List<RawHttp.Answer> answers = race(
                    () -> alice("POST", "/v1/release?hold=" + hold), () -> bob("POST", "/v1/release?hold=" + hold));

            assertThat(statuses(answers)).isIn(List.of(200, 200), List.of(200, 409));
            assertThat(phase()).isEqualTo("open");
            assertThat(alice("POST", "/v1/hold?wait=5s").status()).isEqualTo(200);
            assertThat(bob("POST", "/v1/release?hold=" + hold).status())
                    .as("a late release of the former hold")
                    .isEqualTo(409);
            assertThat(phase()).isEqualTo("drained");
            bench.unix.post("/v1/release", "");
        }
    }

    @Test
    void who_waits_for_drained_is_told_of_the_release_at_once() {
        Write write = new Write();
        assertThat(write.ask()).isEqualTo(Admission.PASS);
        CompletableFuture<RawHttp.Answer> waits = AdminBench.begin(() -> alice("POST", "/v1/hold?ttl=60s&wait=100s"));
        AdminBench.await(() -> phase().equals("holding"));

        assertThat(bob("POST", "/v1/release").status()).isEqualTo(200);

        RawHttp.Answer told = waits.orTimeout(15, TimeUnit.SECONDS).join();
        assertThat(told.status()).isEqualTo(409);
        assertThat(told.json().at("/detail").asText()).contains("released before it was drained");
        write.end(200);
    }

    @Test
    void who_waits_for_drained_longer_than_his_lease_is_told_too() {
        Write write = new Write();
        write.ask();
        for (String expiry : List.of("open", "shed")) {
            RawHttp.Answer told = AdminBench.begin(() -> alice("POST", "/v1/hold?ttl=200ms&wait=100s&expiry=" + expiry))
                    .orTimeout(15, TimeUnit.SECONDS)
                    .join();
            assertThat(told.status()).as(expiry).isEqualTo(409);
        }
        assertThat(bob("POST", "/v1/release").status()).isEqualTo(200);
        write.end(200);
    }

    @Test
    void an_answer_waits_no_longer_than_it_says() {
        Write write = new Write();
        write.ask();
        RawHttp.Answer hold = AdminBench.begin(() -> alice("POST", "/v1/hold?ttl=60s&wait=300ms"))
                .orTimeout(15, TimeUnit.SECONDS)
                .join();
        assertThat(hold.status()).as("not drained").isEqualTo(202);

        Write waits = new Write();
        assertThat(waits.ask()).isEqualTo(Admission.PARKED);
        RawHttp.Answer release = AdminBench.begin(() -> alice("POST", "/v1/release?wait=300ms"))
                .orTimeout(15, TimeUnit.SECONDS)
                .join();
        assertThat(release.status()).as("the first one is still on its way").isEqualTo(202);
        waits.through.join();
        waits.end(200);
        write.end(200);
        AdminBench.await(() -> phase().equals("open"));
    }

    @Test
    void a_hold_begun_in_a_release_tells_who_waits_for_its_end() {
        alice("POST", "/v1/hold?ttl=60s&wait=5s");
        Write waits = new Write();
        assertThat(waits.ask()).isEqualTo(Admission.PARKED);
        CompletableFuture<RawHttp.Answer> releases = AdminBench.begin(() -> alice("POST", "/v1/release?wait=100s"));
        AdminBench.await(() -> phase().equals("releasing"));

        assertThat(bob("POST", "/v1/hold?ttl=60s&owner=bob&wait=0s").status()).isIn(200, 202);

        RawHttp.Answer told = releases.orTimeout(15, TimeUnit.SECONDS).join();
        assertThat(told.status()).isEqualTo(409);
        assertThat(told.json().at("/detail").asText()).contains("of bob");
        waits.through.join();
        waits.end(200);
    }

    @Test
    void a_change_after_the_lease_is_a_conflict_and_no_new_hold() {
        String open = alice("POST", "/v1/hold?ttl=100ms&expiry=open&wait=0s")
                .json()
                .at("/gate/hold/id")
                .asText();
        AdminBench.await(() -> phase().equals("open"));
        assertThat(alice("PATCH", "/v1/hold/" + open).status()).isEqualTo(409);
        assertThat(phase()).isEqualTo("open");

        String shed = alice("POST", "/v1/hold?ttl=100ms&expiry=shed&wait=0s")
                .json()
                .at("/gate/hold/id")
                .asText();
        AdminBench.await(() ->
                bench.unix.get("/v1/state").json().at("/gate/arrivals").asText().equals("shed"));
        RawHttp.Answer late = alice("PATCH", "/v1/hold/" + shed + "?ttl=20s");
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.json().at("/detail").asText()).contains("release it");
    }

    @Test
    void a_change_of_a_hold_and_its_release_at_once_never_leave_a_hold_behind() {
        for (int round = 0; round < ROUNDS; round++) {
            String hold =
                    alice("POST", "/v1/hold?wait=5s").json().at("/gate/hold/id").asText();

            List<RawHttp.Answer> answers = race(
                    () -> alice("PATCH", "/v1/hold/" + hold + "?ttl=60s"),
                    () -> bob("POST", "/v1/release?hold=" + hold));

            assertThat(answers.get(0).status()).isIn(200, 409);
            assertThat(answers.get(1).status()).isEqualTo(200);
            assertThat(phase()).isEqualTo("open");
        }
    }

    @Test
    void previews_at_once_leave_one_of_them_and_an_end_is_an_end() {
        for (int round = 0; round < ROUNDS; round++) {
            List<RawHttp.Answer> both = race(
                    () -> alice("PUT", "/v1/preview?upstream=new&cookie=a%3Dalice"),
                    () -> bob("PUT", "/v1/preview?upstream=new&cookie=a%3Dbob"));
            assertThat(statuses(both)).containsExactly(200, 200);
            assertThat(bench.unix.get("/v1/state").json().at("/preview/cookie").asText())
                    .isIn("a=alice", "a=bob");

            List<RawHttp.Answer> ends = race(() -> alice("DELETE", "/v1/preview"), () -> bob("DELETE", "/v1/preview"));
            assertThat(statuses(ends)).containsExactly(200, 200);
            assertThat(bench.unix.get("/v1/state").json().at("/preview").isNull())
                    .isTrue();
        }
    }

    @Test
    void a_preview_and_a_flip_at_once_never_preview_the_active_side() {
        for (int round = 0; round < ROUNDS; round++) {
            String to = round % 2 == 0 ? "new" : "old";

            List<RawHttp.Answer> answers = race(
                    () -> alice("PUT", "/v1/preview?upstream=" + to + "&cookie=a%3Db"),
                    () -> bob("POST", "/v1/flip?to=" + to));

            assertThat(answers.get(0).status()).isIn(200, 409);
            assertThat(answers.get(1).status()).isEqualTo(200);
            assertThat(bench.unix.get("/v1/state").json().at("/preview").isNull())
                    .isTrue();
        }
    }

    @Test
    void a_hold_in_a_real_rehearsal_is_a_conflict_that_names_it() {
        CompletableFuture<RawHttp.Answer> rehearsal =
                AdminBench.begin(() -> alice("POST", "/v1/rehearse?for=20s&real=true"));
        AdminBench.await(() -> !phase().equals("open"));

        RawHttp.Answer refused = bob("POST", "/v1/hold?wait=5s");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().at("/detail").asText()).contains("of rehearsal of alice");

        assertThat(bob("POST", "/v1/release").status()).isEqualTo(200);
        RawHttp.Answer over = rehearsal.orTimeout(15, TimeUnit.SECONDS).join();
        assertThat(over.json().at("/note").asText()).contains("was ended by bob");
    }

    @Test
    void a_hold_and_a_real_rehearsal_at_once_are_one_hold() {
        for (int round = 0; round < ROUNDS; round++) {
            List<RawHttp.Answer> answers =
                    race(() -> alice("POST", "/v1/rehearse?for=20ms&real=true"), () -> bob("POST", "/v1/hold?wait=5s"));

            // One after the other is well too: the rehearsal may be over when the hold comes.
            assertThat(statuses(answers)).isIn(List.of(200, 200), List.of(200, 409));
            bench.unix.post("/v1/release", "");
        }
    }
}
