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
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** Holding, draining, the lease. */
class HoldTest {
    private World world = World.fresh();

    private HoldCommand lasting(Duration ttl, Expiry expiry) {
        return World.hold(ttl, expiry, Scope.WRITES, Duration.ofSeconds(5));
    }

    @Test
    void writes_and_new_streams_wait_and_reads_go_on() {
        world.get(world.hold());

        for (RequestClass waits :
                List.of(RequestClass.INBOX, RequestClass.MEDIA, RequestClass.WRITE, RequestClass.STREAM)) {
            assertThat(world.arrive(0, waits).where).as(waits.label()).isEqualTo(SimRequest.Where.WAITING);
        }
        assertThat(world.arrive(0, RequestClass.READ).where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void scope_all_holds_reads_too_and_narrowing_it_lets_them_go() {
        String id = world.get(
                        world.hold(World.hold(Duration.ofSeconds(20), Expiry.OPEN, Scope.ALL, Duration.ofSeconds(1))))
                .routing()
                .hold()
                .id();
        SimRequest read = world.arrive(1, RequestClass.READ);
        SimRequest write = world.arrive(1, RequestClass.WRITE);
        assertThat(read.where).isEqualTo(SimRequest.Where.WAITING);

        world.get(world.change(new ChangeCommand(id, null, null, Scope.WRITES, List.of())));

        assertThat(read.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);
    }

    @Test
    void drained_waits_for_the_last_write_in_flight() {
        SimRequest write = world.arrive(2, RequestClass.WRITE);
        SimRequest read = world.arrive(1, RequestClass.READ);
        CompletableFuture<GateState> hold = world.hold();
        world.settle();
        assertThat(hold).isNotDone();

        world.finish(write, 200);

        assertThat(world.get(hold).routing().phase()).isEqualTo(Phase.DRAINED);
        assertThat(read.where).as("reads are no hindrance").isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void the_answer_comes_after_its_wait_with_what_is_then() {
        world.arrive(0, RequestClass.WRITE);
        CompletableFuture<GateState> hold = world.hold();

        world.pass(Duration.ofSeconds(5));

        assertThat(hold).isDone();
        assertThat(hold.join().routing().phase()).isEqualTo(Phase.HOLDING);
        assertThat(hold.join().writesInFlight()).isEqualTo(1);
    }

    @Test
    void a_write_that_broke_hinders_drained_until_it_is_accepted() {
        SimRequest write = world.arrive(1, RequestClass.WRITE);
        world.send(write);
        CompletableFuture<GateState> hold = world.hold();
        world.settle();

        world.breakOff(write);
        world.settle();

        assertThat(world.state().unknown()).isEqualTo(1);
        assertThat(hold).isNotDone();
        world.accept("h2", List.of("1-1"));
        assertThat(world.get(hold).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void an_unknown_write_is_forgotten_after_a_minute_without_a_hold() {
        world.breakOff(world.arrive(0, RequestClass.WRITE));
        world.pass(Duration.ofSeconds(61));

        assertThat(world.get(world.hold()).routing().phase()).isEqualTo(Phase.DRAINED);
    }

    @Test
    void an_unknown_write_does_not_age_during_a_hold() {
        world.breakOff(world.arrive(0, RequestClass.WRITE));
        world.hold(lasting(Duration.ofMinutes(10), Expiry.OPEN));
        world.pass(Duration.ofMinutes(5));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.HOLDING);
    }

    @Test
    void a_lease_that_runs_out_opens_the_gate_towards_the_active_upstream() {
        world.get(world.hold(lasting(Duration.ofSeconds(3), Expiry.OPEN)));
        world.get(world.flip(Side.NEW, true));
        SimRequest write = world.arrive(0, RequestClass.WRITE);

        world.pass(Duration.ofSeconds(3));

        assertThat(write.side).isEqualTo(Side.NEW);
        assertThat(write.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_lease_that_runs_out_sheds_until_somebody_releases() {
        world.get(world.hold(lasting(Duration.ofSeconds(3), Expiry.SHED)));
        SimRequest waits = world.arrive(0, RequestClass.WRITE);

        world.pass(Duration.ofSeconds(3));

        assertThat(waits.reason).isEqualTo(ShedReason.SHUT);
        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.SHED);
        SimRequest late = world.arrive(1, RequestClass.WRITE);
        assertThat(late.reason).isEqualTo(ShedReason.SHUT);
        world.get(world.release());
        assertThat(world.arrive(1, RequestClass.WRITE).where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void renewing_counts_the_lease_anew() {
        world.get(world.hold(lasting(Duration.ofSeconds(3), Expiry.OPEN)));
        world.pass(Duration.ofSeconds(2));

        world.get(world.change(new ChangeCommand("h2", null, null, null, List.of())));
        world.pass(Duration.ofSeconds(2));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
        world.pass(Duration.ofSeconds(1));
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void renewing_a_hold_that_has_ended_is_a_conflict_and_no_new_hold() {
        world.get(world.hold(lasting(Duration.ofSeconds(1), Expiry.OPEN)));
        world.pass(Duration.ofSeconds(1));

        GateException refused = world.refusal(world.change(new ChangeCommand("h2", null, null, null, List.of())));

        assertThat(refused.kind()).isEqualTo(GateException.Kind.CONFLICT);
        assertThat(world.state().routing().phase()).isEqualTo(Phase.OPEN);
    }

    @Test
    void a_second_hold_is_a_conflict() {
        world.get(world.hold());

        assertThat(world.refusal(world.hold()).kind()).isEqualTo(GateException.Kind.CONFLICT);
    }

    @Test
    void who_waits_for_drained_is_told_when_somebody_else_releases() {
        world.arrive(0, RequestClass.WRITE);
        CompletableFuture<GateState> hold = world.hold();
        world.settle();

        world.get(world.release());

        assertThat(world.refusal(hold)).hasMessageContaining("released before it was drained");
    }

    @Test
    void an_accepted_unknown_write_must_exist() {
        world.get(world.hold());

        assertThat(world.refusal(world.accept("h2", List.of("9-9"))).kind()).isEqualTo(GateException.Kind.NOT_FOUND);
    }

    @Test
    void another_epoch_is_refused() {
        CompletableFuture<GateState> flip =
                world.gate.flip(Side.NEW, false, 7L, World.TESTER).toCompletableFuture();

        assertThat(world.refusal(flip).kind()).isEqualTo(GateException.Kind.EPOCH);
    }

    @Test
    void a_write_that_starts_after_drained_would_be_counted() {
        // The gate does not let this happen; here its routing is put in place by hand.
        SimRequest write = world.arrive(0, RequestClass.WRITE);
        LoopGate gate = world.gate.loopGate(0);
        world.loops.get(0).run(() -> {
            gate.install(new sluice.proxy.route.Routing(2, Side.OLD, Phase.DRAINED, Arrivals.PARK, null, null));
            gate.install(new sluice.proxy.route.Routing(3, Side.NEW, Phase.OPEN, Arrivals.PASS, null, null));
            gate.sending(write.passage);
            assertThat(gate.counts().staleWrites).isEqualTo(1);
        });
    }

    /** The barrier of drained is under way when something else changes: whoever waits hears of it all the same. */
    @Test
    void who_waits_for_drained_is_told_although_something_changed_meanwhile() {
        List<Runnable> changes = List.of(
                () -> world.flip(Side.NEW, false),
                () -> world.change(new ChangeCommand("h2", Duration.ofSeconds(30), null, null, List.of())),
                () -> world.change(new ChangeCommand("h2", null, null, Scope.ALL, List.of())),
                () -> world.preview(World.previewOf(Side.NEW)));
        for (Runnable change : changes) {
            world = World.fresh();
            SimRequest write = world.arrive(0, RequestClass.WRITE);
            CompletableFuture<GateState> hold = world.hold();
            world.settle();
            world.finish(write, 200);
            assertThat(world.runSwitchboard()).as("drained is on disk").isTrue();
            change.run();
            world.settle();

            assertThat(hold).isDone();
            assertThat(hold.join().routing().phase()).isEqualTo(Phase.DRAINED);
            world.get(world.release());
            world.end();
        }
    }

    @Test
    void a_hold_that_is_released_before_every_loop_has_heard_of_it_is_a_conflict() {
        world.arrive(0, RequestClass.WRITE);
        CompletableFuture<GateState> hold = world.hold();
        world.runSwitchboard();
        world.runSwitchboard();
        world.runLoop(0);
        assertThat(world.routingOf(0).phase()).isEqualTo(Phase.HOLDING);
        SimRequest waits = world.arrive(0, RequestClass.WRITE);
        world.release();
        world.settle();

        assertThat(waits.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(world.refusal(hold)).hasMessageContaining("was released before it was drained");
    }

    @Test
    void a_hold_whose_lease_ran_out_before_every_loop_has_heard_of_it_is_a_conflict() {
        world.arrive(0, RequestClass.WRITE);
        CompletableFuture<GateState> hold = world.hold(lasting(Duration.ofMillis(1), Expiry.SHED));
        world.runSwitchboard();
        world.runSwitchboard();
        world.thread.pass(Duration.ofMillis(1).toNanos());
        world.settle();

        assertThat(world.refusal(hold)).hasMessageContaining("ran out before it was drained");
    }

    @Test
    void an_unknown_write_can_be_accepted_although_the_lease_ran_out_and_the_gate_sheds() {
        world.breakOff(world.arrive(0, RequestClass.WRITE));
        world.hold(lasting(Duration.ofSeconds(3), Expiry.SHED));
        world.pass(Duration.ofSeconds(3));
        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.SHED);
        assertThat(world.refusal(world.flip(Side.NEW, true))).hasMessageContaining("not drained");
        assertThat(world.refusal(
                        world.change(new ChangeCommand("h2", Duration.ofSeconds(9), null, null, List.of("0-1")))))
                .hasMessageContaining("has ended and the gate is shedding");
        assertThat(world.state().unknown()).isEqualTo(1);

        world.get(world.accept("h2", List.of("0-1")));

        assertThat(world.state().routing().phase()).isEqualTo(Phase.DRAINED);
        assertThat(world.state().routing().arrivals()).isEqualTo(Arrivals.SHED);
        assertThat(world.get(world.flip(Side.NEW, true)).routing().active()).isEqualTo(Side.NEW);
    }
}
