package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/**
 * A disk that takes nothing, at each transition in turn: whoever asked is told and nothing has changed; what the gate does by itself
 * it tries again; what waits is answered by its deadline all the same; and when the disk is back everything goes on.
 */
class DiskFailureTest {
    private static final int FOR_EVER = Integer.MAX_VALUE;

    private final World world = World.fresh();

    /** The disk is back: nothing may be stuck. */
    @AfterEach
    void everything_goes_on_when_the_disk_is_back() {
        world.disk.fail(0);
        world.disk.failSyncs(0);
        world.pass(Duration.ofSeconds(1));
        world.end();
    }

    private void hold(Duration ttl, Expiry expiry) {
        world.get(world.hold(World.hold(ttl, expiry, Scope.WRITES, Duration.ZERO)));
    }

    /** A command is refused twice, by a disk that cannot be written and by one that cannot sync, and done afterwards. */
    private GateState refusedThenDone(Supplier<CompletableFuture<GateState>> command) {
        Routing before = world.state().routing();
        for (boolean sync : new boolean[] {false, true}) {
            world.disk.fail(sync ? 0 : FOR_EVER);
            world.disk.failSyncs(sync ? FOR_EVER : 0);
            GateException refused = world.refusal(command.get());
            assertThat(refused.kind()).isEqualTo(GateException.Kind.DISK);
            assertThat(refused.kind().status()).isEqualTo(507);
            assertThat(refused).hasMessageContaining("nothing has changed");
            assertThat(world.state().routing()).isEqualTo(before);
            for (int loop = 0; loop < world.loops.size(); loop++) {
                assertThat(world.routingOf(loop)).isEqualTo(before);
            }
        }
        world.disk.fail(0);
        world.disk.failSyncs(0);
        return world.get(command.get());
    }

    @Test
    void a_hold_is_refused() {
        assertThat(refusedThenDone(world::hold).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void a_refused_hold_holds_nobody() {
        world.disk.fail(FOR_EVER);
        world.refusal(world.hold());

        assertThat(world.arrive(0, RequestClass.WRITE).where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_change_is_refused_and_the_lease_stays() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        GateState changed = refusedThenDone(
                () -> world.change(new ChangeCommand("h2", Duration.ofSeconds(40), null, Scope.ALL, List.of())));

        assertThat(changed.routing().hold().scope()).isEqualTo(Scope.ALL);
    }

    @Test
    void a_change_that_was_refused_does_not_make_the_lease_longer() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        world.disk.fail(FOR_EVER);
        world.refusal(world.change(new ChangeCommand("h2", Duration.ofSeconds(40), null, null, List.of())));
        world.disk.fail(0);

        world.pass(Duration.ofSeconds(20));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_flip_is_refused_and_everything_goes_where_it_went() {
        world.disk.fail(FOR_EVER);
        world.refusal(world.flip(Side.NEW, false));
        assertThat(world.arrive(0, RequestClass.WRITE).side).isEqualTo(Side.OLD);
        world.disk.fail(0);

        assertThat(refusedThenDone(() -> world.flip(Side.NEW, false)).routing().active())
                .isEqualTo(Side.NEW);
    }

    @Test
    void a_release_is_refused_and_what_waits_waits_on() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        SimRequest waits = world.arrive(0, RequestClass.WRITE);

        GateState released = refusedThenDone(() -> {
            assertThat(waits.where).isEqualTo(SimRequest.Where.WAITING);
            return world.release("h2", null, Duration.ZERO);
        });

        assertThat(released.routing().hold()).isNotNull();
        assertThat(waits.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_release_with_a_flip_that_is_refused_does_neither() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);

        assertThat(refusedThenDone(() -> world.release("h2", Side.NEW, Duration.ZERO))
                        .routing()
                        .active())
                .isEqualTo(Side.NEW);
    }

    @Test
    void drained_is_not_told_before_the_disk_has_it() {
        SimRequest write = world.arrive(0, RequestClass.WRITE);
        CompletableFuture<GateState> hold =
                world.hold(World.hold(Duration.ofMinutes(5), Expiry.OPEN, Scope.WRITES, Duration.ofSeconds(60)));
        world.settle();
        world.disk.fail(FOR_EVER);
        world.finish(write, 200);
        world.pass(Duration.ofSeconds(10));
        assertThat(hold).isNotDone();
        assertThat(world.state().routing().phase()).isEqualTo(Phase.HOLDING);

        world.disk.fail(0);
        world.pass(Duration.ofSeconds(1));

        assertThat(hold).isDone();
        assertThat(hold.join().routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void what_waits_is_answered_by_its_deadline_although_the_lease_cannot_end() {
        hold(Duration.ofSeconds(3), Expiry.OPEN);
        SimRequest inbox = world.arrive(0, RequestClass.INBOX);
        SimRequest write = world.arrive(1, RequestClass.WRITE);
        world.disk.fail(FOR_EVER);

        world.pass(Duration.ofSeconds(8));
        assertThat(inbox.reason).isEqualTo(ShedReason.WAITED);
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);
        world.pass(Duration.ofSeconds(17));

        assertThat(write.reason).isEqualTo(ShedReason.WAITED);
        assertThat(world.arrive(0, RequestClass.READ).where).as("reads go on").isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_lease_that_opens_is_ended_when_the_disk_is_back() {
        hold(Duration.ofSeconds(3), Expiry.OPEN);
        SimRequest write = world.arrive(1, RequestClass.WRITE);
        world.disk.fail(FOR_EVER);
        world.pass(Duration.ofSeconds(10));
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);

        world.disk.fail(0);
        world.pass(Duration.ofSeconds(1));

        assertThat(write.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_lease_that_sheds_is_ended_when_the_disk_is_back() {
        hold(Duration.ofSeconds(3), Expiry.SHED);
        SimRequest write = world.arrive(1, RequestClass.WRITE);
        world.disk.failSyncs(FOR_EVER);
        world.pass(Duration.ofSeconds(10));
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);
        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.PARK);

        world.disk.failSyncs(0);
        world.pass(Duration.ofSeconds(1));

        assertThat(write.reason).isEqualTo(ShedReason.SHUT);
        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.SHED);
    }

    @Test
    void a_gate_that_cannot_shut_again_lets_nobody_go_meanwhile() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(1, RequestClass.WRITE);
        world.release();
        world.settle();
        world.disk.fail(FOR_EVER);
        world.finish(first, 503);
        world.pass(Duration.ofSeconds(3));
        assertThat(second.where).isEqualTo(SimRequest.Where.WAITING);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.RELEASING);

        world.disk.fail(0);
        world.pass(Duration.ofSeconds(1));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
        assertThat(second.where).isEqualTo(SimRequest.Where.WAITING);
    }

    @Test
    void a_gate_that_can_never_shut_again_goes_on_when_its_lease_is_over() {
        hold(Duration.ofSeconds(10), Expiry.OPEN);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(1, RequestClass.WRITE);
        world.release();
        world.settle();
        world.disk.fail(FOR_EVER);
        world.finish(first, 503);

        world.pass(Duration.ofSeconds(11));

        assertThat(second.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_release_ends_without_the_disk_because_the_disk_has_it_already() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        SimRequest write = world.arrive(0, RequestClass.WRITE);
        world.release();
        world.settle();
        world.disk.fail(FOR_EVER);

        world.finish(write, 200);
        world.settle();

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    private CompletableFuture<GateState> lengthen(Duration ttl) {
        return world.change(new ChangeCommand("h2", ttl, null, null, List.of()));
    }

    /** The lease's end fails, and before it is tried again the hold is renewed: then it lasts. */
    @Test
    void a_hold_that_is_renewed_after_its_end_has_failed_lasts() {
        for (Expiry expiry : Expiry.values()) {
            hold(Duration.ofSeconds(3), expiry);
            String id = world.state().routing().hold().id();
            world.disk.fail(2);
            world.pass(Duration.ofMillis(3_500));
            world.get(world.change(new ChangeCommand(id, Duration.ofSeconds(10), null, null, List.of())));
            world.pass(Duration.ofSeconds(9));

            assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
            assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.PARK);
            world.pass(Duration.ofSeconds(1));
            assertThat(world.state().routing().arrivals()).isNotEqualTo(Arrivals.PARK);
            world.get(world.release());
        }
    }

    @Test
    void a_renewal_that_fails_too_does_not_keep_the_hold() {
        hold(Duration.ofSeconds(3), Expiry.OPEN);
        world.disk.fail(FOR_EVER);
        world.pass(Duration.ofMillis(3_500));
        world.refusal(lengthen(Duration.ofSeconds(10)));
        world.disk.fail(0);

        world.pass(Duration.ofSeconds(1));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void what_was_refused_does_not_come_back_when_the_process_is_killed() {
        world.disk.failSyncs(FOR_EVER);
        world.refusal(world.flip(Side.NEW, false));
        world.refusal(world.hold());

        world.kill();

        assertThat(world.state().routing().active()).isEqualTo(Side.OLD);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    /** A release is on disk as what it ends in; a gate that could not shut again may be there as well. */
    @Test
    void the_end_of_a_release_is_written_when_something_else_may_be_on_disk() {
        hold(Duration.ofSeconds(10), Expiry.OPEN);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        world.release();
        world.settle();
        world.disk.failSyncs(FOR_EVER);
        world.finish(first, 503);
        world.settle();
        world.disk.failSyncs(0);
        int written = world.disk.writes();
        world.pass(Duration.ofSeconds(10));
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
        assertThat(world.disk.writes()).isGreaterThan(written);

        world.crash(bound -> 0);

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_worn_out_disk_is_told_and_told_no_more_when_it_is_well_again() {
        world.disk.wearOut(0, true);
        world.disk.fill(true);
        assertThat(world.state().trouble()).isEmpty();
        world.get(world.flip(Side.NEW, false));
        assertThat(world.state().trouble()).contains("slot 0 cannot be written, the state is in the other one only");
        world.refusal(world.flip(Side.OLD, false));
        assertThat(world.state().trouble()).contains("nothing can be changed");

        world.disk.fill(false);
        world.get(world.flip(Side.OLD, false));

        assertThat(world.state().trouble()).isEmpty();
    }

    @Test
    void a_preview_is_refused_and_so_is_its_end() {
        refusedThenDone(() -> world.preview(World.previewOf(Side.NEW)));
        assertThat(world.arriveChosen(0, RequestClass.READ).side).isEqualTo(Side.NEW);

        world.disk.fail(FOR_EVER);
        world.refusal(world.preview(null));
        assertThat(world.arriveChosen(1, RequestClass.READ).side).isEqualTo(Side.NEW);
        world.disk.fail(0);

        assertThat(refusedThenDone(() -> world.preview(null)).routing().preview())
                .isNull();
    }

    @Test
    void a_real_rehearsal_that_cannot_be_released_says_so_and_its_lease_tries_until_the_disk_is_back() {
        CompletableFuture<RehearsalReport> report = world.rehearse(new RehearsalCommand(Duration.ofSeconds(3), true));
        world.settle();
        SimRequest waits = world.arrive(0, RequestClass.WRITE);
        world.disk.fail(FOR_EVER);
        world.pass(Duration.ofSeconds(4));
        assertThat(report.join().note())
                .contains("the release did not go through")
                .contains("nothing has changed");
        world.pass(Duration.ofSeconds(10));
        assertThat(waits.where).isEqualTo(SimRequest.Where.WAITING);

        world.disk.fail(0);
        world.pass(Duration.ofSeconds(1));

        assertThat(waits.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void unknown_writes_are_accepted_only_with_the_change_that_they_come_with() {
        world.breakOff(world.arrive(0, RequestClass.WRITE));
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        ChangeCommand both = new ChangeCommand("h2", Duration.ofSeconds(30), null, null, List.of("0-1"));
        world.disk.fail(FOR_EVER);
        world.refusal(world.change(both));
        assertThat(world.state().unknown()).isEqualTo(1);
        world.disk.fail(0);
        world.pass(Duration.ofSeconds(1));
        assertThat(world.state().routing().phase()).isEqualTo(Phase.HOLDING);

        world.checks.accepted(both.acceptUnknown());
        world.get(world.change(both));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void a_stop_that_cannot_say_so_is_no_clean_one() {
        world.disk.fail(FOR_EVER);

        assertThat(world.stop()).isFalse();
        world.crash(bound -> 0);

        assertThat(world.state().unknown()).isEqualTo(1);
    }
}
