package sluice.proxy.gate;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * What happened in one hold, from its beginning until the gate was open again, the next hold began, or the process stopped.
 *
 * @param id the hold's
 * @param owner the hold's
 * @param resumed whether an earlier process began it: what became of the requests that waited in that one is not in the counts
 * @param before how many waited already when it began, from a release that was not over
 * @param parked how many requests came and were not let through at once
 * @param released how many went on
 * @param shed how many were asked to retry, by reason
 * @param gone how many hung up
 * @param waiting how many wait still
 * @param longestNanos the longest wait of any
 * @param drainedNanos how long it took until the gate was drained; {@link #NEVER}, {@link #BEFORE_RESTART}
 * @param heldNanos how long the hold lasted
 */
record HoldReport(
        String id,
        String owner,
        boolean resumed,
        int before,
        long parked,
        long released,
        Map<ShedReason, Long> shed,
        long gone,
        int waiting,
        long longestNanos,
        long drainedNanos,
        long heldNanos) {
    /** It was not drained. */
    static final long NEVER = -1;
    /** It was drained in an earlier process. */
    static final long BEFORE_RESTART = -2;

    /** From the numbers at its beginning and those at its end. */
    static HoldReport of(
            String id, String owner, boolean resumed, Waiting begin, Waiting end, long drained, long held) {
        Map<ShedReason, Long> shed = new EnumMap<>(ShedReason.class);
        for (ShedReason reason : ShedReason.values()) {
            shed.put(reason, end.tally().shedTotal(reason) - begin.tally().shedTotal(reason));
        }
        return new HoldReport(
                id,
                owner,
                resumed,
                begin.requests(),
                end.tally().parkedTotal() - begin.tally().parkedTotal(),
                end.tally().releasedTotal() - begin.tally().releasedTotal(),
                shed,
                end.tally().goneTotal() - begin.tally().goneTotal(),
                end.requests(),
                end.longestNanos(),
                drained,
                held);
    }

    HoldReport {
        shed = Map.copyOf(shed);
    }

    long shedTotal() {
        return shed.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether nothing vanished. */
    boolean balances() {
        return before + parked == released + shedTotal() + gone + waiting;
    }

    /** For the audit log. */
    @Override
    public String toString() {
        StringJoiner reasons = new StringJoiner(" ", " (", ")").setEmptyValue("");
        for (ShedReason reason : ShedReason.values()) {
            long count = shed.getOrDefault(reason, 0L);
            if (count > 0) {
                reasons.add(reason.label() + "=" + count);
            }
        }
        return "hold " + id + " of " + Audit.quoted(owner)
                + (resumed ? ", counted since a restart, what waited before it is not known: before=" : ": before=")
                + before + " parked=" + parked + " released=" + released
                + " shed=" + shedTotal() + reasons + " gone=" + gone + " waiting=" + waiting + ", longest wait "
                + millis(longestNanos) + ", "
                + drained()
                + ", held for " + millis(heldNanos);
    }

    private String drained() {
        if (drainedNanos == NEVER) {
            return "never drained";
        }
        return drainedNanos == BEFORE_RESTART ? "drained before the restart" : "drained after " + millis(drainedNanos);
    }

    private static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
    }
}
