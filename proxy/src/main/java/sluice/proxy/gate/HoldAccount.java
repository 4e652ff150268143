package sluice.proxy.gate;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Hold;

/** Keeps account of each hold, and checks at its end that nothing vanished. Confined to the switchboard's thread. */
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
        long drainedNanos = -1;

        Begun(Hold hold, long nanos, Waiting waiting) {
            this.hold = hold;
            this.nanos = nanos;
            this.waiting = waiting;
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
        begun = new Begun(hold, time.nanos().getAsLong(), queue.mark());
    }

    /** The gate is drained. The first time in a hold counts. */
    void drained() {
        Begun present = begun;
        if (present != null && present.drainedNanos < 0) {
            present.drainedNanos = time.nanos().getAsLong() - present.nanos;
        }
    }

    /** The gate is open. */
    void end() {
        Begun present = begun;
        if (present == null) {
            return;
        }
        begun = null;
        Waiting end = queue.snapshot();
        HoldReport report = HoldReport.of(
                present.hold.id(),
                present.hold.owner(),
                present.waiting,
                end,
                present.drainedNanos,
                time.nanos().getAsLong() - present.nanos);
        if (!report.balances() || !end.balances()) {
            LOG.error("Requests vanished at the gate: {}", report);
        }
        assert report.balances() && end.balances() : report;
        last = report;
        audit.ended(report);
    }

    /** The last hold that is over; null when there was none. */
    @Nullable
    HoldReport last() {
        return last;
    }
}
