package sluice.proxy.gate;

import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Switchboard;

/** The running time of a hold. Confined to the switchboard's thread. */
final class Lease {
    private final Switchboard switchboard;
    private final Time time;
    private @Nullable Future<?> timer;
    private long endsNanos;
    /** Which lease it is: grows at each start and each stop. */
    private long number;

    Lease(Switchboard switchboard, Time time) {
        this.switchboard = switchboard;
        this.time = time;
        this.endsNanos = time.nanos().getAsLong();
    }

    /**
     * Starts it anew; what was to happen before does not.
     *
     * @param atEnd is given the lease's number, for {@link #isPresent}
     */
    void start(long lastsNanos, LongConsumer atEnd) {
        stop();
        long mine = number;
        endsNanos = time.nanos().getAsLong() + lastsNanos;
        timer = switchboard.timer(lastsNanos, () -> atEnd.accept(mine));
    }

    /** Whether it has neither been stopped nor started anew since: what could not be done at its end may be done now. */
    boolean isPresent(long lease) {
        return lease == number;
    }

    /** Nothing happens at its end any more; it still has one. */
    void stop() {
        number++;
        Future<?> old = timer;
        timer = null;
        if (old != null) {
            old.cancel(false);
        }
    }

    long endsNanos() {
        return endsNanos;
    }

    /** How long it would still last; 0 when it is over. */
    long remainingNanos() {
        return Math.max(0, endsNanos - time.nanos().getAsLong());
    }
}
