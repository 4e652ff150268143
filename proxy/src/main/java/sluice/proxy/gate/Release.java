package sluice.proxy.gate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import sluice.proxy.route.Switchboard;

/**
 * The release that is being prepared or is under way, and the answers that wait for its end. Confined to the switchboard's
 * thread.
 */
final class Release {
    /**
     * How long the first request may keep all others waiting. Longer than a connection may take to be made, shorter than
     * an inbox may wait.
     */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(6);
    /** After this time a release lets everything go that still waits: nobody has to wait for ever. */
    private static final long AT_MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Switchboard switchboard;
    private final ParkedQueue queue;
    private final Waiters waiters;
    private int prepared;
    private boolean underWay;
    private int number;

    Release(Switchboard switchboard, ParkedQueue queue) {
        this.switchboard = switchboard;
        this.queue = queue;
        this.waiters = new Waiters(switchboard);
    }

    /** One will begin, or end, when the barrier is complete. @return for {@link #isPrepared} */
    int prepare() {
        return ++prepared;
    }

    /** Whether nothing came in between since {@link #prepare}. */
    boolean isPrepared(int since) {
        return since == prepared;
    }

    /** Grants begin. */
    void begin(boolean firstAlone) {
        underWay = true;
        int mine = queue.release(firstAlone);
        number = mine;
        if (firstAlone) {
            switchboard.later(PATIENCE_NANOS, () -> queue.tooSlow(mine));
        }
        switchboard.later(AT_MOST_NANOS, () -> {
            if (isGranting(mine)) {
                queue.open();
            }
        });
    }

    boolean isUnderWay() {
        return underWay;
    }

    /** Whether this one is under way; see {@link ParkedQueue#release}. */
    boolean isGranting(int release) {
        return underWay && release == number;
    }

    /** Completes when the gate is open, or after {@code wait}; fails when the gate shuts again. */
    CompletableFuture<Void> await(Duration wait) {
        return waiters.add(wait);
    }

    /** The gate is open. */
    void complete() {
        underWay = false;
        waiters.complete();
    }

    /** The gate is shut again. */
    void fail(String why) {
        prepared++;
        underWay = false;
        waiters.fail(GateException.conflict(why));
    }
}
