package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;

/** Bounds of what waits, and what becomes of it. */
class WaitingTest {
    private World held(int maxParked, long maxBytes) {
        World world = World.fresh(World.bounds(maxParked, maxBytes, 2));
        world.get(world.hold(World.hold(Duration.ofSeconds(60), Expiry.OPEN, Scope.WRITES, Duration.ZERO)));
        return world;
    }

    @Test
    void an_inbox_waits_eight_seconds_and_the_rest_twenty_five() {
        World world = held(10, 10_000);
        SimRequest write = world.arrive(0, RequestClass.WRITE);
        SimRequest inbox = world.arrive(0, RequestClass.INBOX);

        world.pass(Duration.ofMillis(7_999));
        assertThat(inbox.where).isEqualTo(SimRequest.Where.WAITING);
        world.pass(Duration.ofMillis(1));
        assertThat(inbox.reason).isEqualTo(ShedReason.WAITED);
        world.pass(Duration.ofMillis(16_999));
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);
        world.pass(Duration.ofMillis(1));
        assertThat(write.reason).isEqualTo(ShedReason.WAITED);
    }

    @Test
    void when_it_is_full_inboxes_go_first_and_the_oldest_of_them() {
        World world = held(3, 10_000);
        SimRequest write = world.arrive(0, RequestClass.WRITE);
        SimRequest older = world.arrive(1, RequestClass.INBOX);
        SimRequest newer = world.arrive(2, RequestClass.INBOX);

        world.arrive(0, RequestClass.WRITE);
        world.settle();

        assertThat(older.reason).isEqualTo(ShedReason.FULL);
        assertThat(newer.where).isEqualTo(SimRequest.Where.WAITING);
        assertThat(write.where).isEqualTo(SimRequest.Where.WAITING);
    }

    @Test
    void without_inboxes_the_oldest_goes() {
        World world = held(2, 10_000);
        SimRequest oldest = world.arrive(0, RequestClass.WRITE);
        world.arrive(1, RequestClass.WRITE);

        world.arrive(2, RequestClass.MEDIA);
        world.settle();

        assertThat(oldest.reason).isEqualTo(ShedReason.FULL);
        assertThat(world.state().waiting()).isEqualTo(2);
    }

    @Test
    void bytes_count_too() {
        World world = held(10, 1_000);
        SimRequest first = world.arrive(0, RequestClass.WRITE, 600);

        world.arrive(1, RequestClass.WRITE, 600);
        world.settle();

        assertThat(first.reason).isEqualTo(ShedReason.FULL);
        assertThat(world.state().waitingBytes()).isEqualTo(600);
    }

    @Test
    void what_is_larger_than_everything_that_may_wait_drives_nobody_out() {
        World world = held(10, 1_000);
        SimRequest first = world.arrive(0, RequestClass.WRITE, 600);

        SimRequest huge = world.arrive(1, RequestClass.MEDIA, 1_001);

        assertThat(huge.reason).isEqualTo(ShedReason.FULL);
        assertThat(first.where).isEqualTo(SimRequest.Where.WAITING);
    }

    @Test
    void each_class_waits_as_long_as_it_may() {
        ProxyConfig.Waits waits = new ProxyConfig.Waits(
                Duration.ofSeconds(5),
                Duration.ofSeconds(4),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1));
        World world = World.fresh(World.bounds(waits, 10, 10_000, 0, 2));
        world.get(world.hold(World.hold(Duration.ofSeconds(60), Expiry.OPEN, Scope.ALL, Duration.ZERO)));
        List<SimRequest> all = new ArrayList<>();
        for (RequestClass requestClass : RequestClass.values()) {
            all.add(world.arrive(0, requestClass));
        }

        for (int left = all.size(); left > 0; left--) {
            world.pass(Duration.ofMillis(999));
            assertThat(world.where(SimRequest.Where.WAITING)).containsExactlyElementsOf(all.subList(0, left));
            world.pass(Duration.ofMillis(1));
            assertThat(all.get(left - 1).reason).isEqualTo(ShedReason.WAITED);
        }
    }

    private World sharing(int maxParked, int perClient) {
        World world = World.fresh(World.bounds(ProxyConfig.Waits.DEFAULT, maxParked, 10_000, perClient, 2));
        world.get(world.hold(World.hold(Duration.ofSeconds(60), Expiry.OPEN, Scope.WRITES, Duration.ZERO)));
        return world;
    }

    @Test
    void a_client_at_its_bound_is_refused_and_what_it_has_waits_on() {
        World world = sharing(10, 2);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(1, RequestClass.WRITE);

        SimRequest third = world.arrive(2, RequestClass.WRITE);

        assertThat(third.reason).isEqualTo(ShedReason.CLIENT);
        assertThat(List.of(first.where, second.where)).containsOnly(SimRequest.Where.WAITING);
        assertThat(world.arriveFrom("192.0.2.9", 0, RequestClass.WRITE).where)
                .as("somebody else")
                .isEqualTo(SimRequest.Where.WAITING);
        assertThat(world.state().tally().shedTotal(RequestClass.WRITE, ShedReason.CLIENT))
                .isEqualTo(1);
    }

    @Test
    void a_share_is_given_back_however_the_wait_ends() {
        World world = sharing(2, 1);
        world.hangUp(world.arrive(0, RequestClass.WRITE));
        SimRequest waits = world.arrive(0, RequestClass.WRITE);
        assertThat(waits.where).as("after a hang-up").isEqualTo(SimRequest.Where.WAITING);

        world.pass(Duration.ofSeconds(25));
        assertThat(waits.reason).isEqualTo(ShedReason.WAITED);
        SimRequest driven = world.arrive(0, RequestClass.WRITE);
        assertThat(driven.where).as("after its deadline").isEqualTo(SimRequest.Where.WAITING);

        world.arriveFrom("192.0.2.8", 1, RequestClass.WRITE);
        world.arriveFrom("192.0.2.9", 1, RequestClass.WRITE);
        world.settle();
        assertThat(driven.reason).isEqualTo(ShedReason.FULL);
        world.hangUp(world.where(SimRequest.Where.WAITING).get(0));
        SimRequest released = world.arrive(0, RequestClass.WRITE);
        assertThat(released.where).as("after it was driven out").isEqualTo(SimRequest.Where.WAITING);

        world.release();
        world.settle();
        while (released.where != SimRequest.Where.IDLE) {
            world.where(SimRequest.Where.IN_FLIGHT).forEach(request -> world.finish(request, 200));
            world.settle();
        }
        world.get(world.hold());
        assertThat(world.arrive(0, RequestClass.WRITE).where)
                .as("after a release")
                .isEqualTo(SimRequest.Where.WAITING);
    }

    @Test
    void nobody_is_asked_for_an_address_who_does_not_wait() {
        World world = World.fresh();
        SimRequest request = world.arriveFrom(null, 0, RequestClass.WRITE);

        assertThat(request.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
    }

    @Test
    void retry_after_is_the_rest_of_the_lease() {
        World world = held(10, 1_000);
        world.pass(Duration.ofSeconds(20));

        assertThat(world.arrive(1, RequestClass.MEDIA, 1_001).retryAfter).isEqualTo(40);
    }

    @Test
    void who_hangs_up_is_not_let_go() {
        World world = held(10, 10_000);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(0, RequestClass.WRITE);
        world.hangUp(first);

        world.release();
        world.settle();

        assertThat(second.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(world.state().tally().goneTotal()).isEqualTo(1);
    }

    @Test
    void who_hangs_up_while_the_grant_is_on_its_way_makes_room_for_the_next() {
        World world = held(10, 10_000);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        SimRequest second = world.arrive(1, RequestClass.WRITE);
        world.release();
        while (first.passage.parked.stage != Parked.Stage.GRANTING) {
            assertThat(world.runSwitchboard() || world.runLoop(1) || world.runLoop(2) || world.runLoop(0))
                    .isTrue();
        }

        world.hangUp(first);
        world.settle();

        assertThat(second.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(first.where).isEqualTo(SimRequest.Where.IDLE);
    }

    @Test
    void a_stopping_proxy_sheds_what_waits() {
        World world = held(10, 10_000);
        SimRequest write = world.arrive(0, RequestClass.WRITE);

        world.gate.stop();
        world.settle();

        assertThat(write.reason).isEqualTo(ShedReason.STOPPING);
        assertThat(world.arrive(0, RequestClass.WRITE).reason).isEqualTo(ShedReason.STOPPING);
    }

    @Test
    void requests_are_shown_oldest_first_with_their_age() {
        World world = World.fresh();
        world.arrive(0, RequestClass.READ);
        world.pass(Duration.ofSeconds(1));
        world.breakOff(world.arrive(1, RequestClass.WRITE));
        world.pass(Duration.ofSeconds(2));
        world.arrive(2, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(4));
        world.hold();
        world.settle();
        world.arrive(1, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(1));

        var requests = world.gate.requests().toCompletableFuture();
        world.settle();

        assertThat(requests.join())
                .extracting(RequestInfo::id, RequestInfo::where, RequestInfo::ageMillis)
                .containsExactly(
                        tuple("0-1", "in_flight", 8_000L),
                        tuple("1-1", "unknown", 7_000L),
                        tuple("2-1", "in_flight", 5_000L),
                        tuple("1-2", "waiting", 1_000L));
    }

    @Test
    void the_oldest_write_in_flight_is_told_before_there_is_a_hold() {
        World world = World.fresh();
        assertThat(world.state().oldestWriteMillis()).isZero();
        world.arrive(0, RequestClass.READ);
        world.pass(Duration.ofSeconds(1));
        SimRequest oldest = world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(2));
        world.arrive(1, RequestClass.MEDIA);
        world.pass(Duration.ofSeconds(4));

        assertThat(world.state().oldestWriteMillis()).isEqualTo(6_000);
        world.finish(oldest, 200);
        assertThat(world.state().oldestWriteMillis()).isEqualTo(4_000);
    }

    @Test
    void requests_are_shown_with_where_they_are() {
        World world = World.fresh();
        world.arrive(0, RequestClass.WRITE);
        world.breakOff(world.arrive(1, RequestClass.WRITE));
        world.hold();
        world.settle();
        world.arrive(2, RequestClass.INBOX);

        var requests = world.gate.requests().toCompletableFuture();
        world.settle();

        assertThat(requests.join())
                .extracting(RequestInfo::where, RequestInfo::id)
                .containsExactlyInAnyOrder(tuple("in_flight", "0-1"), tuple("unknown", "1-1"), tuple("waiting", "2-1"));
        assertThat(List.copyOf(requests.join())).hasSize(3);
    }
}
