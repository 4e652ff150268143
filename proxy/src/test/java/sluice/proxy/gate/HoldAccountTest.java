package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;

/** What is told of a hold when it is over. */
class HoldAccountTest {
    private final World world = World.fresh(World.bounds(3, 10_000, 2));

    @AfterEach
    void end() {
        world.end();
    }

    private void hold() {
        world.hold(World.hold(Duration.ofSeconds(60), Expiry.OPEN, Scope.WRITES, Duration.ZERO));
        world.settle();
    }

    @Test
    void it_tells_what_happened_in_this_hold() {
        SimRequest running = world.arrive(2, RequestClass.WRITE);
        hold();
        world.pass(Duration.ofSeconds(1));
        world.finish(running, 200);
        SimRequest inbox = world.arrive(0, RequestClass.INBOX);
        SimRequest waits = world.arrive(0, RequestClass.WRITE);
        SimRequest hangsUp = world.arrive(1, RequestClass.WRITE);
        SimRequest drivesOut = world.arrive(1, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(20));
        world.hangUp(hangsUp);
        world.release();
        world.settle();
        world.finish(waits, 200);
        world.settle();
        world.finish(drivesOut, 200);
        world.settle();

        HoldReport report = world.gate.lastHold();

        assertThat(inbox.reason).isEqualTo(ShedReason.FULL);
        assertThat(report.id()).isEqualTo("h2");
        assertThat(report.owner()).isEqualTo("tester");
        assertThat(report.parked()).isEqualTo(4);
        assertThat(report.released()).isEqualTo(2);
        assertThat(report.shed().get(ShedReason.FULL)).isEqualTo(1);
        assertThat(report.shedTotal()).isEqualTo(1);
        assertThat(report.gone()).isEqualTo(1);
        assertThat(report.waiting()).isZero();
        assertThat(report.longestNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(20));
        assertThat(report.drainedNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        assertThat(report.heldNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(21));
        assertThat(report.balances()).isTrue();
        assertThat(report)
                .hasToString("hold h2 of \"tester\": before=0 parked=4 released=2 shed=1 (full=1) gone=1 waiting=0,"
                        + " longest wait 20000 ms, drained after 1000 ms, held for 21000 ms");
    }

    @Test
    void the_next_hold_counts_from_its_own_beginning() {
        hold();
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(10));
        world.release();
        world.settle();
        world.finish(first, 200);
        world.settle();
        hold();
        world.pass(Duration.ofSeconds(2));
        world.release();
        world.settle();

        HoldReport report = world.gate.lastHold();

        assertThat(report.id()).isEqualTo("h4");
        assertThat(report.parked()).isZero();
        assertThat(report.longestNanos()).isZero();
        assertThat(report.heldNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(2));
    }

    @Test
    void a_hold_that_begins_before_a_release_is_over_ends_the_account_and_takes_the_waiting_over() {
        hold();
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        world.arrive(0, RequestClass.WRITE);
        world.release();
        world.settle();
        hold();

        assertThat(world.gate.lastHold().waiting()).isEqualTo(1);
        assertThat(world.gate.lastHold().released()).isEqualTo(1);
        world.finish(first, 200);
        world.release();
        world.settle();
        world.where(SimRequest.Where.IN_FLIGHT).forEach(request -> world.finish(request, 200));
        world.settle();
        assertThat(world.gate.lastHold().id()).isEqualTo("h4");
        assertThat(world.gate.lastHold().before()).isEqualTo(1);
        assertThat(world.gate.lastHold().parked()).isZero();
        assertThat(world.gate.lastHold().released()).isEqualTo(1);
    }

    @Test
    void a_gate_that_shuts_again_goes_on_with_the_same_account() {
        hold();
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        world.arrive(1, RequestClass.WRITE);
        world.release();
        world.settle();
        world.finish(first, 503);
        world.settle();
        assertThat(world.gate.lastHold()).isNull();

        world.release();
        world.settle();
        world.where(SimRequest.Where.IN_FLIGHT).forEach(request -> world.finish(request, 200));
        world.settle();

        assertThat(world.gate.lastHold().released()).isEqualTo(2);
    }

    @Test
    void what_vanished_would_be_seen() {
        HoldReport report = world.gate.lastHold();
        assertThat(report).isNull();
        hold();
        world.arrive(0, RequestClass.WRITE);
        Waiting begin = new Waiting(0, 0, 0, 0, new Tally(), true);
        Waiting end = world.gate.queue().snapshot();

        assertThat(HoldReport.of("h", "o", false, begin, end, 0, 0).balances()).isTrue();
        Waiting lost = new Waiting(0, 0, 0, 0, end.tally(), false);
        assertThat(HoldReport.of("h", "o", false, begin, lost, 0, 0).balances()).isFalse();
    }

    @Test
    void after_a_restart_it_says_what_it_does_not_know() {
        hold();
        world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(10));
        world.crash(bound -> 0);
        world.settle();
        SimRequest waits = world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(5));
        world.release();
        world.settle();
        world.finish(waits, 200);
        world.settle();

        HoldReport report = world.gate.lastHold();

        assertThat(report.resumed()).isTrue();
        assertThat(report.parked()).as("of this process").isEqualTo(1);
        assertThat(report.drainedNanos()).isEqualTo(HoldReport.BEFORE_RESTART);
        assertThat(TimeUnit.NANOSECONDS.toMillis(report.heldNanos())).isBetween(15_000L, 15_010L);
        assertThat(report.toString())
                .startsWith("hold h2 of \"tester\", counted since a restart, what waited before it is not known: "
                        + "before=0 parked=1 released=1")
                .contains(", drained before the restart, held for 150");
    }

    @Test
    void a_hold_that_was_not_drained_before_a_restart_says_when_it_was() {
        world.arrive(0, RequestClass.WRITE);
        hold();
        world.pass(Duration.ofSeconds(10));
        world.crash(bound -> 0);
        world.get(world.accept("h2", java.util.List.of(InFlight.BEFORE_RESTART)));
        world.get(world.release());

        assertThat(TimeUnit.NANOSECONDS.toSeconds(world.gate.lastHold().drainedNanos()))
                .isEqualTo(10);
    }

    @Test
    void a_stop_ends_the_account_whether_or_not_the_hold_goes_on() {
        hold();
        world.arrive(0, RequestClass.WRITE);
        world.stop();

        HoldReport report = world.gate.lastHold();
        assertThat(report.id()).isEqualTo("h2");
        assertThat(report.shed()).containsEntry(ShedReason.STOPPING, 1L);
        assertThat(report.balances()).isTrue();
        world.crash(bound -> 0);
        world.settle();

        world.arrive(0, RequestClass.WRITE);
        world.arrive(1, RequestClass.WRITE);
        world.release();
        world.settle();
        assertThat(world.gate.lastHold()).isNull();
        world.stop();
        assertThat(world.gate.lastHold().released()).isEqualTo(1);
        assertThat(world.gate.lastHold().shedTotal()).isEqualTo(1);
        world.crash(bound -> 0);
        world.settle();
    }
}
