package sluice.proxy.gate;

import java.util.concurrent.TimeUnit;

/**
 * Computes {@code Retry-After}: when the gate will open at the latest, and then as long as it takes to let go what waits already.
 * A lease says when only if the gate opens at its end; one that ends in shedding says nothing. Not thread-safe.
 */
final class RetryAfter {
    /** When nobody can say when the gate opens. */
    private static final int SOME_TIME = 15;

    private static final int MAX = 60;
    /** An upstream answers about this many requests a second in each slot of a release. */
    private static final int PER_SLOT = 10;

    private final int perSecond;
    private boolean known = true;
    private boolean open = true;
    private long opensNanos;

    RetryAfter(int slots) {
        this.perSecond = slots * PER_SLOT;
    }

    void opens(long nanos) {
        known = true;
        open = false;
        opensNanos = nanos;
    }

    void opensNow() {
        known = true;
        open = true;
    }

    void opensSomeTime() {
        known = false;
    }

    /** The seconds to answer: whole ones, at least 1 and at most 60. */
    int seconds(long nowNanos, int waiting) {
        long until = SOME_TIME;
        if (known) {
            long nanos = open ? 0 : Math.max(0, opensNanos - nowNanos);
            until = TimeUnit.NANOSECONDS.toSeconds(nanos + TimeUnit.SECONDS.toNanos(1) - 1);
        }
        return (int) Math.max(1, Math.min(MAX, until + waiting / perSecond));
    }
}
