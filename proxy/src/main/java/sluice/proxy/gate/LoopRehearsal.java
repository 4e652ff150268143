package sluice.proxy.gate;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.RequestClass;

/**
 * What one loop sees of a rehearsal. Confined to the loop until {@link #stop}; then it does not change any more and belongs to
 * whoever is told.
 */
final class LoopRehearsal {
    private final Time time;
    private final @Nullable ParkedQueue wouldBe;
    private int atBegin;
    private int left;
    private long endedNanos;
    private long longestMillis;

    /** @param wouldBe where a dry one has the requests wait that pass in truth; null for a real one */
    LoopRehearsal(Time time, @Nullable ParkedQueue wouldBe) {
        this.time = time;
        this.wouldBe = wouldBe;
    }

    boolean isDry() {
        return wouldBe != null;
    }

    void start(LoopInFlight inFlight) {
        endedNanos = time.nanos().getAsLong();
        inFlight.forEach(passage -> {
            if (passage.requestClass.isWrite()) {
                passage.rehearsal = this;
                atBegin++;
            }
        });
        left = atBegin;
    }

    /** A request that a hold would concern comes, and passes: no hold is there. */
    void passes(LoopGate gate, Passage passage) {
        if (wouldBe != null && passage.requestClass != RequestClass.READ) {
            wouldBe.park(new WouldBe(gate, passage, time.nanos().getAsLong()));
        }
    }

    /** A write is no longer in flight. */
    void ended(Passage passage) {
        longest(passage);
        if (passage.rehearsal == this) {
            passage.rehearsal = null;
            left--;
            endedNanos = time.nanos().getAsLong();
        }
    }

    void stop(LoopInFlight inFlight) {
        inFlight.forEach(passage -> {
            if (passage.rehearsal == this) {
                passage.rehearsal = null; // it ends later than this, and must not hold on to it until then
            }
            if (passage.requestClass.isWrite()) {
                longest(passage);
            }
        });
    }

    private void longest(Passage passage) {
        longestMillis = Math.max(longestMillis, passage.owner().describe().ageMillis());
    }

    /** How many writes were in flight at the beginning. */
    int atBegin() {
        return atBegin;
    }

    /** How many of them still are. */
    int left() {
        return left;
    }

    /** When the last of them ended so far; the beginning when there was none. */
    long endedNanos() {
        return endedNanos;
    }

    long longestNanos() {
        return TimeUnit.MILLISECONDS.toNanos(longestMillis);
    }

    /** A wait that is none: whatever the queue decides, the request is on its way already. */
    private static final class WouldBe extends Parked {
        WouldBe(LoopGate gate, Passage passage, long nanos) {
            super(
                    gate,
                    passage,
                    passage.requestClass,
                    passage.bytes,
                    nanos,
                    ClientShares.key(passage.owner().clientAddress()));
        }

        @Override
        void grant() {
            throw new IllegalStateException("nobody is let go in a rehearsal");
        }

        @Override
        void shed(ShedReason reason, int retryAfterSeconds) {
            // The queue has counted it.
        }
    }
}
