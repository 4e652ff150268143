package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** Chosen requests on the side that is not active. */
class PreviewTest {
    private static final Preview OF_NEW = World.previewOf(Side.NEW);

    private final World world = World.fresh();

    @Test
    void chosen_requests_go_there_and_the_others_do_not() {
        GateState state = world.get(world.preview(OF_NEW));

        assertThat(state.routing().preview()).isEqualTo(OF_NEW);
        assertThat(state.epoch()).as("no new epoch").isEqualTo(1);
        assertThat(world.arriveChosen(0, RequestClass.READ).side).isEqualTo(Side.NEW);
        assertThat(world.arriveChosen(1, RequestClass.WRITE).side).isEqualTo(Side.NEW);
        assertThat(world.arrive(2, RequestClass.READ).side).isEqualTo(Side.OLD);
        assertThat(world.state().sides().get(Side.NEW).writes()).isEqualTo(1);
    }

    @Test
    void the_active_side_is_refused() {
        assertThat(world.refusal(world.preview(World.previewOf(Side.OLD))).kind())
                .isEqualTo(GateException.Kind.CONFLICT);
        assertThat(world.state().routing().preview()).isNull();
    }

    @Test
    void another_epoch_is_refused() {
        CompletableFuture<GateState> late =
                world.gate.preview(OF_NEW, 7L, World.TESTER).toCompletableFuture();

        assertThat(world.refusal(late).kind()).isEqualTo(GateException.Kind.EPOCH);
    }

    @Test
    void it_is_off_from_hold_to_release() {
        world.get(world.preview(OF_NEW));
        world.get(world.hold());
        SimRequest write = world.arriveChosen(0, RequestClass.WRITE);
        SimRequest read = world.arriveChosen(1, RequestClass.READ);
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);
        assertThat(read.side).isEqualTo(Side.OLD);

        world.release();
        world.settle();

        assertThat(write.side).as("it waited").isEqualTo(Side.OLD);
        world.finish(write, 200);
        world.settle();
        assertThat(world.arriveChosen(2, RequestClass.READ).side).isEqualTo(Side.NEW);
    }

    @Test
    void drained_waits_for_a_write_of_a_preview_too() {
        world.get(world.preview(OF_NEW));
        SimRequest write = world.arriveChosen(0, RequestClass.WRITE);
        CompletableFuture<GateState> hold = world.hold();
        world.settle();
        assertThat(hold).isNotDone();

        world.finish(write, 200);

        assertThat(world.get(hold).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void who_waits_for_drained_is_told_although_a_preview_ends_in_between() {
        world.get(world.preview(OF_NEW));
        CompletableFuture<GateState> hold = world.hold();
        while (world.routingOf(0).phase() != Phase.DRAINED) {
            assertThat(world.runSwitchboard() || world.runLoop(0) || world.runLoop(1) || world.runLoop(2))
                    .isTrue();
        }
        assertThat(hold).isNotDone();

        world.preview(null);

        assertThat(world.get(hold).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void a_flip_ends_it_and_flipping_back_does_not_bring_it_back() {
        world.get(world.preview(OF_NEW));
        assertThat(world.get(world.flip(Side.NEW, false)).routing().preview()).isNull();
        assertThat(world.arriveChosen(0, RequestClass.READ).side).isEqualTo(Side.NEW);

        world.get(world.flip(Side.OLD, false));

        assertThat(world.arriveChosen(0, RequestClass.READ).side).isEqualTo(Side.OLD);
    }

    @Test
    void it_outlives_the_process() {
        world.get(world.preview(OF_NEW));

        world.crash(bound -> 0);
        world.settle();

        assertThat(world.state().routing().preview()).isEqualTo(OF_NEW);
        assertThat(world.arriveChosen(0, RequestClass.READ).side).isEqualTo(Side.NEW);
    }

    @Test
    void it_outlives_a_crash_in_a_release() {
        world.get(world.preview(OF_NEW));
        world.get(world.hold());
        world.arrive(0, RequestClass.WRITE);
        world.release();
        world.settle();
        assertThat(world.routingOf(0).phase()).isEqualTo(Phase.RELEASING);

        world.crash(bound -> 0);
        world.settle();

        assertThat(world.state().routing().preview()).isEqualTo(OF_NEW);
    }

    @Test
    void a_disk_that_takes_nothing_refuses_it() {
        world.disk.fail(2);

        assertThat(world.refusal(world.preview(OF_NEW)).kind()).isEqualTo(GateException.Kind.DISK);
        assertThat(world.arriveChosen(0, RequestClass.READ).side).isEqualTo(Side.OLD);
    }

    @Test
    void a_failure_is_passed_on_also_in_a_hold() {
        world.get(world.preview(OF_NEW));
        SimRequest read = world.arriveChosen(0, RequestClass.READ);
        world.get(world.hold(World.hold(Duration.ofSeconds(20), Expiry.OPEN, Scope.ALL, Duration.ofSeconds(1))));

        assertThat(world.fail(read)).isEqualTo(Admission.PASS);
    }

    @Test
    void its_streams_stay_through_a_hold_and_close_when_it_ends() {
        world.get(world.preview(OF_NEW));
        SimRequest stream = world.arriveChosen(0, RequestClass.STREAM);
        world.openStream(stream);
        world.get(world.hold());
        world.get(world.release());
        world.pass(world.bounds.closeOver().plusSeconds(1));
        assertThat(stream.closed).isZero();

        world.get(world.preview(null));
        world.pass(world.bounds.closeOver().plusSeconds(1));

        assertThat(stream.closed).isPositive();
    }

    @Test
    void its_streams_are_ordinary_ones_after_a_flip() {
        world.get(world.preview(OF_NEW));
        SimRequest stream = world.arriveChosen(0, RequestClass.STREAM);
        world.openStream(stream);
        world.get(world.flip(Side.NEW, false));
        world.pass(world.bounds.closeOver().plusSeconds(1));
        assertThat(stream.closed).as("it is on the active side").isZero();

        world.get(world.flip(Side.OLD, false));
        world.pass(world.bounds.closeOver().plusSeconds(1));

        assertThat(stream.closed).isPositive();
    }

    @Test
    void former_streams_close_although_a_preview_of_their_side_begins() {
        SimRequest stream = world.arrive(0, RequestClass.STREAM);
        world.openStream(stream);
        world.get(world.flip(Side.NEW, false));
        world.get(world.preview(World.previewOf(Side.OLD)));

        world.pass(world.bounds.closeOver().plusSeconds(1));

        assertThat(stream.closed).isPositive();
    }

    private void closeOver() {
        world.pass(world.bounds.closeOver().plusSeconds(1));
    }

    @Test
    void the_streams_of_one_that_another_one_replaces_close() {
        world.get(world.preview(OF_NEW));
        SimRequest stream = world.arriveChosen(0, RequestClass.STREAM);
        world.openStream(stream);
        SimRequest late = world.arriveChosen(1, RequestClass.STREAM);

        world.get(world.preview(new Preview(Side.NEW, "other=mark", null, null)));
        SimRequest ofTheNext = world.arriveChosen(2, RequestClass.STREAM);
        world.openStream(ofTheNext);
        closeOver();
        world.openStream(late);
        world.settle();

        assertThat(stream.closed).isPositive();
        assertThat(late.closed).as("let through by the former one").isPositive();
        assertThat(ofTheNext.closed).isZero();
    }

    @Test
    void the_streams_of_one_that_ends_during_a_release_close() {
        world.get(world.preview(OF_NEW));
        SimRequest stream = world.arriveChosen(0, RequestClass.STREAM);
        world.openStream(stream);
        world.get(world.hold());
        for (int i = 0; i < 4; i++) {
            world.arrive(1, RequestClass.WRITE);
        }
        world.release(null, null, Duration.ZERO);
        closeOver(); // those that went first do not end, so the gate is not open yet
        assertThat(world.routingOf(0).phase()).isEqualTo(Phase.RELEASING);
        assertThat(stream.closed).isZero();

        world.get(world.preview(null));
        closeOver();

        assertThat(stream.closed).isPositive();
    }
}
