package sluice.proxy.gate;

import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Switchboard;

/** The running time of a hold. Confined to the switchboard's thread. */
final class Lease {
    private final Switchboard switchboard;
    private final Time time;
    private @Nullable Future<?> timer;
    private long endsNanos;

    Lease(Switchboard switchboard, Time time) {
        this.switchboard = switchboard;
        this.time = time;
        this.endsNanos = time.nanos().getAsLong();
    }

    /** Starts it anew; what was to happen before does not. */
    void start(long lastsNanos, Runnable atEnd) {
        stop();
        endsNanos = time.nanos().getAsLong() + lastsNanos;
        timer = switchboard.timer(lastsNanos, atEnd);
    }

    /** Nothing happens at its end any more; it still has one. */
    void stop() {
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
