package sluice.proxy.gate;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;

/**
 * Keeps account of each hold, and checks at its end that nothing vanished. It is kept in memory only: of a hold that outlives the
 * process each process has its own part, and says so. Confined to the switchboard's thread.
 */
final class HoldAccount {
    private static final Logger LOG = LoggerFactory.getLogger(HoldAccount.class);

    private final ParkedQueue queue;
    private final Time time;
    private final Audit audit;
    private @Nullable Begun begun;
    private @Nullable HoldReport last;

    /** A hold that is not over, and the numbers when it began. */
    private static final class Begun {
        final Hold hold;
        final long nanos;
        final Waiting waiting;
        final boolean resumed;
        long drainedNanos = HoldReport.NEVER;

        Begun(Hold hold, long nanos, Waiting waiting, boolean resumed) {
            this.hold = hold;
            this.nanos = nanos;
            this.waiting = waiting;
            this.resumed = resumed;
        }
    }

    HoldAccount(ParkedQueue queue, Time time, Audit audit) {
        this.queue = queue;
        this.time = time;
        this.audit = audit;
    }

    /** A hold begins. One whose release was not over ends with that. */
    void begin(Hold hold) {
        end();
        begun = new Begun(hold, time.nanos().getAsLong(), queue.mark(), false);
    }

    /**
     * A hold goes on that an earlier process began. Since when it is held is known from its beginning by the wall clock; what
     * became of the requests of the earlier process is not.
     */
    void resume(Hold hold, boolean drained) {
        Duration held = Duration.between(hold.since(), time.wall().instant());
        long nanos = time.nanos().getAsLong() - Math.max(0, TimeUnit.MILLISECONDS.toNanos(held.toMillis()));
        Begun resumed = new Begun(hold, nanos, queue.mark(), true);
        if (drained) {
            resumed.drainedNanos = HoldReport.BEFORE_RESTART;
        }
        begun = resumed;
    }

    /** The gate is drained. The first time in a hold counts. */
    void drained() {
        Begun present = begun;
        if (present != null && present.drainedNanos == HoldReport.NEVER) {
            present.drainedNanos = time.nanos().getAsLong() - present.nanos;
        }
    }

    /** The gate is open. */
    void end() {
        close("over");
    }

    /** The process is about to end, and nothing waits any more: what is known would be lost with it. */
    void stop(Routing present) {
        boolean goesOn = present.hold() != null && present.phase() != Phase.RELEASING;
        close(goesOn ? "the proxy stops, the hold stays" : "over");
    }

    private void close(String how) {
        Begun present = begun;
        if (present == null) {
            return;
        }
        begun = null;
        Waiting end = queue.snapshot();
        HoldReport report = HoldReport.of(
                present.hold.id(),
                present.hold.owner(),
                present.resumed,
                present.waiting,
                end,
                present.drainedNanos,
                time.nanos().getAsLong() - present.nanos);
        last = report;
        audit.ended(how, report);
        if (!report.balances() || !end.balances()) {
            LOG.error("Requests vanished at the gate: {}", report);
        }
        assert report.balances() && end.balances() : report;
    }

    /** The last hold that is over; null when there was none. */
    @Nullable
    HoldReport last() {
        return last;
    }
}
