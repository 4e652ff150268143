package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** When somebody who is refused is asked to come again. */
class RetryAfterTest {
    /** Nothing larger than this may wait: a way to be refused at any time in which anybody waits. */
    private static final long TOO_LARGE = 10_001;

    private final World world = World.fresh(World.bounds(ProxyConfig.Waits.DEFAULT, 100, TOO_LARGE - 1, 0, 1));

    private int told() {
        SimRequest refused = world.arrive(0, RequestClass.MEDIA, TOO_LARGE);
        assertThat(refused.reason).isEqualTo(ShedReason.FULL);
        return refused.retryAfter;
    }

    private void hold(Duration ttl, Expiry expiry) {
        world.get(world.hold(World.hold(ttl, expiry, Scope.WRITES, Duration.ZERO)));
    }

    @Test
    void a_lease_that_opens_says_when() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        assertThat(told()).isEqualTo(20);
        world.pass(Duration.ofMillis(12_500));
        assertThat(told()).as("rounded up").isEqualTo(8);
    }

    @Test
    void a_lease_that_was_renewed_says_so() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        world.pass(Duration.ofSeconds(15));

        world.get(world.change(new ChangeCommand("h2", Duration.ofSeconds(30), null, null, List.of())));

        assertThat(told()).isEqualTo(30);
    }

    @Test
    void nobody_is_sent_away_for_more_than_a_minute() {
        hold(Duration.ofMinutes(30), Expiry.OPEN);

        assertThat(told()).isEqualTo(60);
    }

    @Test
    void a_lease_that_ends_in_shedding_does_not_say_when_the_gate_opens() {
        hold(Duration.ofSeconds(2), Expiry.SHED);
        assertThat(told()).isEqualTo(15);

        world.get(world.change(new ChangeCommand("h2", Duration.ofSeconds(2), Expiry.OPEN, null, List.of())));
        assertThat(told()).isEqualTo(2);

        world.get(world.change(new ChangeCommand("h2", Duration.ofSeconds(2), Expiry.SHED, null, List.of())));
        world.pass(Duration.ofSeconds(2));
        SimRequest shed = world.arrive(0, RequestClass.WRITE);
        assertThat(shed.reason).isEqualTo(ShedReason.SHUT);
        assertThat(shed.retryAfter).isEqualTo(15);
    }

    @Test
    void after_a_restart_the_lease_says_the_same() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        world.crash(bound -> 0);
        world.settle();
        assertThat(told()).isEqualTo(20);

        world.get(world.change(new ChangeCommand("h2", null, Expiry.SHED, null, List.of())));
        world.crash(bound -> 0);
        world.settle();
        assertThat(told()).isEqualTo(15);
    }

    @Test
    void a_release_takes_as_long_as_there_is_somebody_to_let_go() {
        hold(Duration.ofSeconds(60), Expiry.OPEN);
        for (int i = 0; i < 21; i++) {
            world.arrive(i % 3, RequestClass.WRITE);
        }
        world.release();
        world.settle();

        assertThat(told()).as("20 wait, 10 go in a second").isEqualTo(2);
    }

    @Test
    void who_is_refused_in_a_hold_comes_after_those_who_wait() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        for (int i = 0; i < 21; i++) {
            world.arrive(i % 3, RequestClass.WRITE);
        }

        assertThat(told()).isEqualTo(22);
    }

    @Test
    void who_is_driven_out_or_has_waited_is_told_the_same_as_who_comes() {
        hold(Duration.ofSeconds(60), Expiry.OPEN);
        SimRequest inbox = world.arrive(0, RequestClass.INBOX);
        world.pass(Duration.ofSeconds(8));

        assertThat(inbox.reason).isEqualTo(ShedReason.WAITED);
        assertThat(inbox.retryAfter).isEqualTo(52);
    }

    @Test
    void a_gate_that_shuts_again_counts_by_what_is_left_of_its_lease() {
        hold(Duration.ofSeconds(20), Expiry.OPEN);
        SimRequest first = world.arrive(0, RequestClass.WRITE);
        world.arrive(0, RequestClass.WRITE);
        world.pass(Duration.ofSeconds(5));
        world.release(null, Side.NEW, Duration.ZERO);
        world.settle();
        assertThat(told()).as("while it is released").isEqualTo(1);

        world.finish(first, 502);
        world.settle();

        assertThat(told()).isEqualTo(15);
    }

    @Test
    void a_proxy_that_stops_is_back_some_time() {
        hold(Duration.ofSeconds(60), Expiry.OPEN);
        SimRequest waits = world.arrive(0, RequestClass.WRITE);
        world.gate.stop();
        world.settle();

        assertThat(waits.reason).isEqualTo(ShedReason.STOPPING);
        assertThat(waits.retryAfter).isEqualTo(15);
    }

    @Test
    void it_is_a_whole_number_of_seconds_from_1_to_60() {
        RetryAfter retryAfter = new RetryAfter(1);
        assertThat(retryAfter.seconds(0, 0)).isEqualTo(1);
        retryAfter.opens(1);
        assertThat(retryAfter.seconds(0, 0)).isEqualTo(1);
        retryAfter.opens(TimeUnit.SECONDS.toNanos(1) + 1);
        assertThat(retryAfter.seconds(0, 0)).isEqualTo(2);
        assertThat(retryAfter.seconds(TimeUnit.SECONDS.toNanos(9), 0))
                .as("overdue")
                .isEqualTo(1);
        assertThat(retryAfter.seconds(0, 100_000)).isEqualTo(60);
        retryAfter.opensSomeTime();
        assertThat(retryAfter.seconds(0, 0)).isEqualTo(15);
        retryAfter.opensNow();
        assertThat(retryAfter.seconds(0, 35)).isEqualTo(3);
    }
}
