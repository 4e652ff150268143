package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** What survives the process. */
class RestartTest {
    private final World world = World.fresh();

    private void hold(Expiry expiry) {
        world.hold(World.hold(Duration.ofSeconds(20), expiry, Scope.WRITES, Duration.ZERO));
        world.settle();
    }

    private void crash() {
        world.crash(bound -> 0);
        world.settle();
    }

    @Test
    void a_drained_hold_comes_back_drained() {
        hold(Expiry.SHED);
        world.get(world.flip(Side.NEW, true));
        Routing before = world.state().routing();

        crash();

        assertThat(world.state().routing()).isEqualTo(before);
        assertThat(world.arrive(0, RequestClass.WRITE).where).isEqualTo(SimRequest.Where.WAITING);
    }

    @Test
    void a_hold_that_was_not_drained_comes_back_with_something_unknown() {
        world.arrive(0, RequestClass.WRITE);
        hold(Expiry.OPEN);

        crash();

        assertThat(world.state().routing().phase()).isEqualTo(Phase.HOLDING);
        assertThat(world.state().unknown()).isEqualTo(1);
        world.get(world.accept("h2", List.of(InFlight.BEFORE_RESTART)));
        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void what_was_in_flight_when_an_open_gate_broke_down_hinders_drained() {
        world.send(world.arrive(0, RequestClass.WRITE));

        crash();
        CompletableFuture<GateState> hold = world.hold();
        world.pass(Duration.ofMinutes(5));

        assertThat(hold.join().routing().phase()).isEqualTo(Phase.HOLDING);
        assertThat(hold.join().unknown()).isEqualTo(1);
    }

    @Test
    void it_may_be_accepted_by_name() {
        crash();
        CompletableFuture<GateState> hold = world.hold();
        world.settle();
        assertThat(hold).isNotDone();

        world.accept("h2", List.of(InFlight.BEFORE_RESTART));

        assertThat(world.get(hold).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void after_a_minute_without_a_hold_it_is_forgotten() {
        crash();
        assertThat(world.state().unknown()).isEqualTo(1);
        world.pass(Duration.ofSeconds(61));

        assertThat(world.state().unknown()).isZero();
        assertThat(world.get(world.hold()).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void a_release_under_way_that_broke_down_left_writes_in_flight_too() {
        hold(Expiry.OPEN);
        world.arrive(0, RequestClass.WRITE);
        world.release();
        world.settle();

        crash();

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
        assertThat(world.state().unknown()).isEqualTo(1);
    }

    @Test
    void after_a_stop_in_which_everything_ended_nothing_is_unknown() {
        world.finish(world.arrive(0, RequestClass.WRITE), 200);

        assertThat(world.stop()).isTrue();
        crash();

        assertThat(world.state().unknown()).isZero();
        assertThat(world.get(world.hold()).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void so_too_in_a_hold() {
        world.get(world.hold());

        assertThat(world.stop()).isTrue();
        crash();

        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void a_stop_that_cut_a_write_off_is_no_clean_one() {
        world.arrive(0, RequestClass.WRITE);

        assertThat(world.stop()).isFalse();
        crash();

        assertThat(world.state().unknown()).isEqualTo(1);
    }

    @Test
    void a_stop_with_a_write_that_nobody_knows_of_is_no_clean_one() {
        world.breakOff(world.arrive(0, RequestClass.WRITE));

        assertThat(world.stop()).isFalse();
        crash();

        assertThat(world.state().unknown()).isEqualTo(1);
    }

    @Test
    void a_start_counts_as_running_until_it_says_otherwise() {
        world.stop();
        crash();

        crash();

        assertThat(world.state().unknown()).isEqualTo(1);
    }

    @Test
    void the_lease_runs_on_over_a_restart() {
        hold(Expiry.OPEN);
        world.pass(Duration.ofSeconds(15));

        crash();
        world.pass(Duration.ofSeconds(4));
        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
        world.pass(Duration.ofSeconds(1));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_gate_that_shed_comes_back_shedding() {
        hold(Expiry.SHED);
        world.pass(Duration.ofSeconds(20));

        crash();

        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.SHED);
        assertThat(world.arrive(0, RequestClass.WRITE).reason).isEqualTo(ShedReason.SHUT);
    }

    @Test
    void after_a_flip_the_former_upstream_never_comes_back() {
        world.get(world.flip(Side.NEW, false));

        crash();

        assertThat(world.arrive(0, RequestClass.WRITE).side).isEqualTo(Side.NEW);
    }

    @Test
    void without_its_state_file_the_gate_is_shut_for_everything_and_says_so() {
        world.get(world.flip(Side.NEW, false));

        world.loseTheState();

        GateState state = world.state();
        assertThat(state.trouble()).contains("missing");
        assertThat(state.routing().hold().owner()).isEqualTo("state file");
        assertThat(world.arrive(0, RequestClass.READ).reason).isEqualTo(ShedReason.SHUT);
        crash();
        assertThat(world.arrive(0, RequestClass.READ).reason)
                .as("still, after another restart")
                .isEqualTo(ShedReason.SHUT);
        world.get(world.release(null, Side.NEW, Duration.ZERO));
        assertThat(world.arrive(0, RequestClass.READ).side).isEqualTo(Side.NEW);
    }

    @Test
    void a_disk_that_takes_nothing_refuses_the_change_and_nothing_changes() {
        world.disk.fail(2);

        assertThat(world.refusal(world.hold()).kind()).isEqualTo(GateException.Kind.DISK);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
        assertThat(world.arrive(0, RequestClass.WRITE).where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_lease_that_cannot_be_ended_on_disk_is_ended_a_second_later() {
        hold(Expiry.OPEN);
        world.disk.fail(2);
        world.pass(Duration.ofSeconds(20));
        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);

        world.pass(Duration.ofSeconds(1));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }
}
