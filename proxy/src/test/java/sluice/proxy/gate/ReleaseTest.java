package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** Flipping and letting go. */
class ReleaseTest {
    private final World world = World.fresh();

    private List<SimRequest> parked(int count) {
        world.get(world.hold());
        List<SimRequest> parked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parked.add(world.arrive(i % 3, RequestClass.WRITE));
        }
        return parked;
    }

    private static List<SimRequest> inFlight(List<SimRequest> all) {
        return all.stream()
                .filter(one -> one.where == SimRequest.Where.IN_FLIGHT)
                .toList();
    }

    @Test
    void an_empty_gate_opens_at_once() {
        world.get(world.hold());

        assertThat(world.get(world.release()).routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void what_waits_goes_to_the_upstream_that_is_active_then() {
        List<SimRequest> parked = parked(1);

        world.release(null, Side.NEW, Duration.ZERO);
        world.settle();

        assertThat(parked.get(0).side).isEqualTo(Side.NEW);
    }

    @Test
    void one_goes_alone_first_and_then_a_fixed_number_at_a_time() {
        List<SimRequest> parked = parked(6);
        world.release();
        world.settle();
        assertThat(inFlight(parked)).containsExactly(parked.get(0));

        world.finish(parked.get(0), 200);
        world.settle();

        assertThat(inFlight(parked)).containsExactly(parked.get(1), parked.get(2));
        world.finish(parked.get(1), 500);
        world.settle();
        assertThat(inFlight(parked)).containsExactly(parked.get(2), parked.get(3));
    }

    @Test
    void the_answer_comes_when_the_gate_is_open() {
        List<SimRequest> parked = parked(2);
        CompletableFuture<GateState> release = world.release();
        world.settle();
        assertThat(release).isNotDone();

        world.finish(parked.get(0), 200);

        assertThat(world.get(release).routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void arrivals_go_behind_the_parked() {
        List<SimRequest> parked = parked(4);
        world.release();
        world.settle();

        SimRequest late = world.arrive(0, RequestClass.WRITE);

        assertThat(late.where).isEqualTo(SimRequest.Where.WAITING);
        world.finish(parked.get(0), 200);
        world.settle();
        world.finish(parked.get(1), 200);
        world.finish(parked.get(2), 200);
        world.settle();
        assertThat(late.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void when_the_first_one_fails_the_gate_shuts_again() {
        List<SimRequest> parked = parked(3);
        CompletableFuture<GateState> release = world.release(null, Side.NEW, Duration.ofSeconds(30));
        world.settle();

        world.finish(parked.get(0), 503);

        assertThat(world.refusal(release)).hasMessageContaining("first request failed on new");
        GateState state = world.state();
        assertThat(state.routing().phase()).isEqualTo(Phase.DRAINED);
        assertThat(state.routing().hold().id()).isEqualTo("h2");
        assertThat(state.waiting()).isEqualTo(2);
    }

    @Test
    void when_the_client_of_the_first_one_hangs_up_the_next_one_is_the_first() {
        List<SimRequest> parked = parked(5);
        CompletableFuture<GateState> release = world.release(null, Side.NEW, Duration.ofSeconds(30));
        world.settle();

        world.hangUpInFlight(parked.get(0));
        world.settle();
        assertThat(inFlight(parked)).as("alone").containsExactly(parked.get(1));
        world.hangUpInFlight(parked.get(1));
        world.settle();
        world.finish(parked.get(2), 503);

        assertThat(world.refusal(release)).hasMessageContaining("first request failed on new");
        assertThat(world.state().waiting()).isEqualTo(2);
    }

    @Test
    void when_nobody_is_left_to_be_the_first_the_gate_opens() {
        List<SimRequest> parked = parked(2);
        CompletableFuture<GateState> release = world.release();
        world.settle();

        world.hangUpInFlight(parked.get(0));
        world.settle();
        world.hangUpInFlight(parked.get(1));

        assertThat(world.get(release).routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_first_one_that_is_slow_does_not_keep_the_others_for_ever() {
        List<SimRequest> parked = parked(3);
        world.release();

        world.pass(Duration.ofSeconds(6));

        assertThat(inFlight(parked)).hasSize(2);
    }

    @Test
    void when_the_first_one_fails_and_the_lease_is_over_the_release_goes_on() {
        world.get(world.hold(World.hold(Duration.ofSeconds(2), Expiry.OPEN, Scope.WRITES, Duration.ZERO)));
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofMillis(1_900));
        world.release();
        world.settle();
        assertThat(second.where).isEqualTo(SimRequest.Where.WAITING);
        world.pass(Duration.ofMillis(200));

        world.finish(first, 0);
        world.settle();

        assertThat(second.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void a_release_of_a_hold_that_has_ended_is_a_conflict() {
        world.get(world.hold());
        world.get(world.release());

        assertThat(world.refusal(world.release("h2", null, Duration.ZERO)).kind())
                .isEqualTo(GateException.Kind.CONFLICT);
    }

    @Test
    void a_new_hold_ends_a_release_that_is_under_way() {
        List<SimRequest> parked = parked(3);
        CompletableFuture<GateState> release = world.release();
        world.settle();

        CompletableFuture<GateState> hold = world.hold();

        assertThat(world.refusal(release)).hasMessageContaining("a new hold began");
        world.finish(parked.get(0), 200);
        assertThat(world.get(hold).routing().phase()).isEqualTo(Phase.DRAINED);
        assertThat(world.state().waiting()).isEqualTo(2);
    }

    @Test
    void clients_that_send_again_at_once_do_not_keep_the_gate_from_opening() {
        parked(9);
        CompletableFuture<GateState> release = world.release();
        world.settle();
        for (int answered = 0; answered < 12 && !release.isDone(); answered++) {
            SimRequest one = world.where(SimRequest.Where.IN_FLIGHT).get(0);
            world.finish(one, 200);
            world.arrive(one, RequestClass.WRITE, 100);
            world.settle();
        }

        assertThat(world.get(release).routing().phase()).isEqualTo(Phase.OPEN);
        assertThat(world.state().waiting()).isZero();
    }

    @Test
    void a_release_whose_upstream_hangs_lets_everything_go_after_half_a_minute() {
        world.get(world.hold(World.hold(Duration.ofMinutes(2), Expiry.OPEN, Scope.WRITES, Duration.ZERO)));
        world.pass(Duration.ofSeconds(1));
        world.arrive(0, RequestClass.WRITE);
        world.release(null, null, Duration.ZERO);
        world.pass(Duration.ofSeconds(20));
        List<SimRequest> late = List.of(
                world.arrive(1, RequestClass.WRITE),
                world.arrive(1, RequestClass.WRITE),
                world.arrive(1, RequestClass.WRITE));
        world.pass(Duration.ofSeconds(11));

        assertThat(inFlight(late)).hasSize(3);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_flip_needs_drained_only_when_it_says_so() {
        assertThat(world.refusal(world.flip(Side.NEW, true)).kind()).isEqualTo(GateException.Kind.CONFLICT);
        assertThat(world.get(world.flip(Side.NEW, false)).routing().active()).isEqualTo(Side.NEW);
    }

    @Test
    void a_flip_is_answered_when_every_loop_goes_by_it() {
        CompletableFuture<GateState> flip = world.flip(Side.NEW, false);
        world.runSwitchboard();
        while (world.runLoop(0) || world.runLoop(1)) {
            world.runSwitchboard();
        }
        assertThat(flip).isNotDone();
        assertThat(world.arrive(2, RequestClass.WRITE).side).isEqualTo(Side.OLD);

        assertThat(world.get(flip).routing().active()).isEqualTo(Side.NEW);

        assertThat(world.arrive(2, RequestClass.WRITE).side).isEqualTo(Side.NEW);
    }

    @Test
    void a_read_that_fails_while_the_gate_is_shut_waits_and_goes_once_more() {
        SimRequest read = world.arrive(0, RequestClass.READ);
        world.get(world.hold());
        assertThat(world.fail(read)).isEqualTo(Admission.PARKED);

        world.release(null, Side.NEW, Duration.ZERO);
        world.settle();

        assertThat(read.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(read.side).isEqualTo(Side.NEW);
        assertThat(world.fail(read)).as("only once").isEqualTo(Admission.PASS);
    }

    @Test
    void a_read_that_fails_after_a_flip_goes_to_the_other_upstream_at_once() {
        SimRequest read = world.arrive(0, RequestClass.READ);
        world.get(world.flip(Side.NEW, false));

        assertThat(world.fail(read)).isEqualTo(Admission.PARKED);
        world.settle();

        assertThat(read.side).isEqualTo(Side.NEW);
    }

    @Test
    void a_read_that_fails_while_the_gate_is_open_has_failed() {
        assertThat(world.fail(world.arrive(0, RequestClass.READ))).isEqualTo(Admission.PASS);
    }

    @Test
    void streams_go_on_during_a_hold_and_are_closed_over_a_time_after_the_release() {
        List<SimRequest> streams = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            SimRequest stream = world.arrive(0, RequestClass.STREAM);
            world.openStream(stream);
            streams.add(stream);
        }
        world.get(world.hold());
        world.get(world.flip(Side.NEW, true));
        world.pass(Duration.ofSeconds(10));
        assertThat(streams).allMatch(one -> one.closed == 0);

        world.release();
        world.pass(Duration.ofSeconds(10));
        assertThat(streams.stream().filter(one -> one.closed > 0).count())
                .as("half-way")
                .isBetween(3L, 5L);
        world.pass(Duration.ofSeconds(10));

        assertThat(streams).allMatch(one -> one.closed > 0);
        streams.forEach(world::closeStream);
        assertThat(world.state().sides().get(Side.OLD).streams()).isZero();
    }

    @Test
    void the_closing_of_streams_can_be_watched() {
        List<SimRequest> streams = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            SimRequest stream = world.arrive(i % 2, RequestClass.STREAM);
            world.openStream(stream);
            streams.add(stream);
        }
        assertThat(world.state().closing()).isNull();

        world.get(world.flip(Side.NEW, false));
        SimRequest onNew = world.arrive(2, RequestClass.STREAM);
        world.openStream(onNew);
        world.closeStream(streams.get(9));
        world.pass(Duration.ofSeconds(5));
        List<SimRequest> told = streams.stream().filter(one -> one.closed > 0).toList();
        assertThat(told).isNotEmpty().hasSizeLessThan(9);
        told.forEach(world::closeStream);

        GateState.Closing closing = world.state().closing();
        assertThat(closing.total()).isEqualTo(10);
        assertThat(closing.left()).isEqualTo(9 - told.size());
        assertThat(closing.millisLeft()).isBetween(14_000L, 15_000L);
        world.pass(Duration.ofSeconds(20));
        assertThat(world.state().closing().millisLeft())
                .as("told, not closed yet")
                .isZero();
        streams.stream().filter(one -> one.where == SimRequest.Where.STREAM).forEach(world::closeStream);
        assertThat(world.state().closing()).isNull();
        assertThat(onNew.closed).isZero();
    }

    @Test
    void a_new_hold_ends_the_closing() {
        world.openStream(world.arrive(0, RequestClass.STREAM));
        world.openStream(world.arrive(0, RequestClass.STREAM));
        world.get(world.flip(Side.NEW, false));
        assertThat(world.state().closing()).isNotNull();

        world.get(world.hold());

        assertThat(world.state().closing()).isNull();
    }

    @Test
    void a_stream_that_opens_on_the_former_side_while_the_gate_releases_closes() {
        SimRequest late = world.arrive(0, RequestClass.STREAM);
        world.get(world.hold());
        for (int i = 0; i < 4; i++) {
            world.arrive(1, RequestClass.WRITE);
        }
        world.release(null, Side.NEW, Duration.ZERO);
        world.pass(world.bounds.closeOver().plusSeconds(1));
        assertThat(world.routingOf(0).phase()).isEqualTo(Phase.RELEASING);

        world.openStream(late);
        world.settle();

        assertThat(late.closed).isPositive();
    }
}
