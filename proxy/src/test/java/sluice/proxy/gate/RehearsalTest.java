package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/** Rehearsals of a hold, dry and real. */
class RehearsalTest {
    private World world = World.fresh();

    private CompletableFuture<RehearsalReport> rehearse(Duration lasts, boolean real) {
        CompletableFuture<RehearsalReport> report = world.rehearse(new RehearsalCommand(lasts, real));
        world.settle();
        return report;
    }

    private RehearsalReport afterwards(CompletableFuture<RehearsalReport> report, Duration rest) {
        world.pass(rest);
        assertThat(report).as("answered").isDone();
        return report.join();
    }

    /** A request comes, passes and is answered at once. */
    private void passes(int loop, RequestClass requestClass) {
        SimRequest request = world.arrive(loop, requestClass);
        assertThat(request.where).as("nothing is held").isEqualTo(SimRequest.Where.IN_FLIGHT);
        world.finish(request, 200);
    }

    @Test
    void a_dry_one_counts_what_would_wait_and_holds_nothing() {
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(5), false);
        for (int loop = 0; loop < 3; loop++) {
            passes(loop, RequestClass.WRITE);
            passes(loop, RequestClass.INBOX);
            passes(loop, RequestClass.READ);
        }
        passes(0, RequestClass.STREAM);

        RehearsalReport seen = afterwards(report, Duration.ofSeconds(5));

        assertThat(seen.parked())
                .isEqualTo(Map.of(RequestClass.WRITE, 3L, RequestClass.INBOX, 3L, RequestClass.STREAM, 1L));
        assertThat(seen.bytes()).isEqualTo(700);
        assertThat(seen.shed()).isEmpty();
        assertThat(seen.lasted()).isEqualTo(Duration.ofSeconds(5));
        assertThat(seen.note()).isEmpty();
        assertThat(world.state().epoch()).isEqualTo(1);
        assertThat(world.state().tally().parkedTotal())
                .as("the real books know nothing of it")
                .isZero();
        passes(0, RequestClass.WRITE);
    }

    @Test
    void a_dry_one_sheds_by_the_real_bounds() {
        world = World.fresh(World.bounds(3, 100_000, 2));
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(20), false);
        passes(0, RequestClass.INBOX);
        passes(1, RequestClass.INBOX);
        world.pass(Duration.ofSeconds(8)); // both inboxes have waited as long as they may
        for (int i = 0; i < 5; i++) {
            passes(i % 3, RequestClass.WRITE);
        }

        RehearsalReport seen = afterwards(report, Duration.ofSeconds(12));

        assertThat(seen.parked()).isEqualTo(Map.of(RequestClass.WRITE, 5L, RequestClass.INBOX, 2L));
        assertThat(seen.shed())
                .isEqualTo(Map.of(
                        RequestClass.INBOX, Map.of(ShedReason.WAITED, 2L),
                        RequestClass.WRITE, Map.of(ShedReason.FULL, 2L)));
    }

    @Test
    void a_dry_one_tells_how_long_the_writes_in_flight_took_to_end() {
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(1, RequestClass.WRITE);
        world.arrive(2, RequestClass.READ);
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(5), false);
        world.pass(Duration.ofMillis(140));
        world.finish(first, 200);
        SimRequest later = world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofMillis(60));
        world.finish(second, 200);
        world.pass(Duration.ofSeconds(1));
        world.finish(later, 200);

        RehearsalReport seen = afterwards(report, Duration.ofMillis(3_800));

        assertThat(seen.writesInFlight()).isEqualTo(2);
        assertThat(seen.ended()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void a_write_that_does_not_end_and_one_that_breaks_are_told() {
        world.arrive(0, RequestClass.WRITE);
        SimRequest breaks = world.arrive(1, RequestClass.WRITE);
        world.send(breaks);
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(5), false);
        world.breakOff(breaks);

        RehearsalReport seen = afterwards(report, Duration.ofSeconds(5));

        assertThat(seen.ended()).isNull();
        assertThat(seen.unknown()).isEqualTo(1);
    }

    @Test
    void a_hold_ends_a_dry_one_early_and_is_told() {
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(5), false);
        passes(0, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(1));

        world.get(world.hold());

        assertThat(report).isDone();
        assertThat(report.join().lasted()).isEqualTo(Duration.ofSeconds(1));
        assertThat(report.join().note()).isEqualTo("the hold h2 of tester began");
        assertThat(report.join().parked()).isEqualTo(Map.of(RequestClass.WRITE, 1L));
        assertThat(world.arrive(0, RequestClass.WRITE).where).isEqualTo(SimRequest.Where.WAITING);
        world.end();
    }

    @Test
    void there_is_one_at_a_time_and_none_in_a_hold() {
        CompletableFuture<RehearsalReport> first = rehearse(Duration.ofSeconds(5), false);
        for (boolean real : new boolean[] {false, true}) {
            assertThat(refusal(rehearse(Duration.ofSeconds(1), real))).hasMessageContaining("rehearsal of tester runs");
        }
        afterwards(first, Duration.ofSeconds(5));

        world.get(world.hold());
        for (boolean real : new boolean[] {false, true}) {
            assertThat(refusal(rehearse(Duration.ofSeconds(1), real))).hasMessageContaining("the gate is not open");
        }
        world.get(world.release());
        afterwards(rehearse(Duration.ofSeconds(1), false), Duration.ofSeconds(1));
    }

    @Test
    void its_length_is_bounded() {
        for (Duration wrong : new Duration[] {Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(61)}) {
            assertThatThrownBy(() -> new RehearsalCommand(wrong, false)).hasMessageContaining("for: ");
        }
    }

    @Test
    void a_real_one_holds_and_releases_by_itself() {
        SimRequest inFlight = world.arrive(0, RequestClass.WRITE);
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(3), true);
        assertThat(world.state().routing().hold().owner()).isEqualTo("rehearsal of tester");
        world.pass(Duration.ofMillis(250));
        world.finish(inFlight, 200);
        SimRequest waits = world.arrive(1, RequestClass.WRITE);
        assertThat(waits.where).isEqualTo(SimRequest.Where.WAITING);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
        world.pass(Duration.ofMillis(2_750));
        assertThat(waits.side).isEqualTo(Side.OLD);
        assertThat(waits.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        world.finish(waits, 200);

        RehearsalReport seen = afterwards(report, Duration.ZERO);

        assertThat(seen.real()).isTrue();
        assertThat(seen.parked()).isEqualTo(Map.of(RequestClass.WRITE, 1L));
        assertThat(seen.ended()).isEqualTo(Duration.ofMillis(250));
        assertThat(seen.lasted()).isEqualTo(Duration.ofSeconds(3));
        assertThat(seen.note()).isEmpty();
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
        world.end();
    }

    @Test
    void a_real_one_releases_although_it_was_not_drained() {
        world.arrive(0, RequestClass.WRITE);

        RehearsalReport seen = afterwards(rehearse(Duration.ofSeconds(3), true), Duration.ofSeconds(3));

        assertThat(seen.ended()).isNull();
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_real_one_that_somebody_else_releases_is_over() {
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(30), true);
        world.pass(Duration.ofSeconds(1));

        world.get(world.release());

        assertThat(report).isDone();
        assertThat(report.join().note()).isEqualTo("the hold h2 was ended by tester");
        assertThat(report.join().lasted()).isEqualTo(Duration.ofSeconds(1));
        world.get(world.hold());
        world.pass(Duration.ofSeconds(19));
        assertThat(world.state().routing().hold().id())
                .as("the next hold is not its own")
                .isEqualTo("h4");
    }

    @Test
    void a_real_one_whose_release_fails_says_so_and_its_lease_opens_the_gate() {
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(3), true);
        SimRequest waits = world.arrive(1, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(3));
        world.finish(waits, 503);
        world.settle();

        assertThat(report).isDone();
        assertThat(report.join().note())
                .contains("the release did not go through")
                .contains("first request failed");
        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
        world.pass(Duration.ofSeconds(10));
        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.PASS);
    }

    @Test
    void a_real_one_that_cannot_be_written_is_refused_and_another_may_follow() {
        world.disk.fail(2);
        assertThat(refusal(rehearse(Duration.ofSeconds(3), true)).kind()).isEqualTo(GateException.Kind.DISK);

        afterwards(rehearse(Duration.ofSeconds(1), true), Duration.ofSeconds(1));
    }

    @Test
    void a_real_one_whose_release_by_somebody_else_shuts_again_is_not_left_behind_unsaid() {
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(30), true);
        SimRequest waits = world.arrive(1, RequestClass.WRITE);
        world.release();
        world.settle();
        assertThat(report).as("its hold may come back").isNotDone();

        world.finish(waits, 503);
        world.settle();

        assertThat(report.join().note())
                .contains("the hold h2 was ended by tester")
                .contains("the release did not go through");
    }

    @Test
    void a_real_one_that_is_released_before_every_loop_has_heard_of_it_is_over() {
        world.arrive(0, RequestClass.WRITE);
        CompletableFuture<RehearsalReport> report = world.rehearse(new RehearsalCommand(Duration.ofSeconds(30), true));
        while (world.routingOf(0).phase() == Phase.OPEN) {
            world.runLoop(1);
            world.runLoop(2);
            world.runSwitchboard();
            world.runLoop(0);
        }
        world.release();
        world.settle();

        assertThat(report.join().note()).isEqualTo("the hold h2 was ended by tester");
        assertThat(world.state().routing().hold()).isNull();
    }

    @Test
    void a_stop_ends_the_hold_of_a_real_one_on_disk_too() {
        for (boolean begun : new boolean[] {true, false}) {
            world = World.fresh();
            CompletableFuture<RehearsalReport> report =
                    world.rehearse(new RehearsalCommand(Duration.ofSeconds(30), true));
            if (begun) {
                world.settle();
                world.arrive(0, RequestClass.WRITE);
                assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
            }
            assertThat(world.stop()).isTrue();
            assertThat(report).isDone();
            assertThat(report.isCompletedExceptionally()).isNotEqualTo(begun);
            world.crash(bound -> 0);

            assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
            assertThat(world.state().routing().hold()).isNull();
            assertThat(world.state().unknown()).isZero();
        }
    }

    @Test
    void a_stop_leaves_a_hold_that_is_no_rehearsal_as_it_is() {
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(30), true);
        world.get(world.release());
        world.get(world.hold());
        assertThat(report).isDone();
        world.stop();
        world.crash(bound -> 0);

        assertThat(world.state().routing().hold().id()).isEqualTo("h4");
    }

    @Test
    void one_that_fails_in_the_middle_does_not_stand_in_the_way_of_the_next() {
        for (boolean real : new boolean[] {false, true}) {
            world = World.fresh();
            world.loops.get(1).end(true);
            assertThat(rehearse(Duration.ofSeconds(1), real)).isCompletedExceptionally();
            world.loops.get(1).end(false);
            passes(0, RequestClass.WRITE);
            passes(2, RequestClass.WRITE);

            RehearsalReport seen = afterwards(rehearse(Duration.ofSeconds(1), real), Duration.ofSeconds(1));

            assertThat(seen.parked()).isEmpty();
            assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
        }
    }

    @Test
    void one_that_cannot_even_begin_does_not_stand_in_the_way_of_the_next_either() {
        Caller breaksLines = new Caller("no\nowner", "test");
        CompletableFuture<RehearsalReport> report = world.gate
                .rehearse(new RehearsalCommand(Duration.ofSeconds(1), true), null, breaksLines)
                .toCompletableFuture();
        world.settle();
        assertThat(refusal(report)).hasMessageContaining("owner");

        afterwards(rehearse(Duration.ofSeconds(1), true), Duration.ofSeconds(1));
    }

    @Test
    void a_write_that_outlasts_a_rehearsal_does_not_hold_on_to_it() {
        SimRequest write = world.arrive(0, RequestClass.WRITE);
        CompletableFuture<RehearsalReport> report = rehearse(Duration.ofSeconds(1), false);
        assertThat(write.passage.rehearsal).isNotNull();
        afterwards(report, Duration.ofSeconds(1));

        assertThat(write.passage.rehearsal).isNull();
        world.finish(write, 200);
    }

    @Test
    void another_epoch_is_refused() {
        CompletableFuture<RehearsalReport> late = world.gate
                .rehearse(new RehearsalCommand(Duration.ofSeconds(1), true), 7L, World.TESTER)
                .toCompletableFuture();
        world.settle();

        assertThat(refusal(late).kind()).isEqualTo(GateException.Kind.EPOCH);
    }

    private GateException refusal(CompletableFuture<RehearsalReport> report) {
        assertThat(report).isCompletedExceptionally();
        try {
            report.join();
            throw new AssertionError("not refused");
        } catch (CompletionException e) {
            return (GateException) e.getCause();
        }
    }
}
