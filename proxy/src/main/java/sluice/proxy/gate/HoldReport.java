package sluice.proxy.gate;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * What happened in one hold, from its beginning until the gate was open again or the next hold began.
 *
 * @param id the hold's
 * @param owner the hold's
 * @param before how many waited already when it began, from a release that was not over
 * @param parked how many requests came and were not let through at once
 * @param released how many went on
 * @param shed how many were asked to retry, by reason
 * @param gone how many hung up
 * @param waiting how many wait still
 * @param longestNanos the longest wait of any
 * @param drainedNanos how long it took until the gate was drained; -1 when it never was
 * @param heldNanos how long the hold lasted
 */
record HoldReport(
        String id,
        String owner,
        int before,
        long parked,
        long released,
        Map<ShedReason, Long> shed,
        long gone,
        int waiting,
        long longestNanos,
        long drainedNanos,
        long heldNanos) {
    /** From the numbers at its beginning and those at its end. */
    static HoldReport of(String id, String owner, Waiting begin, Waiting end, long drained, long held) {
        Map<ShedReason, Long> shed = new EnumMap<>(ShedReason.class);
        for (ShedReason reason : ShedReason.values()) {
            shed.put(reason, end.tally().shedTotal(reason) - begin.tally().shedTotal(reason));
        }
        return new HoldReport(
                id,
                owner,
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
        return "hold " + id + " of " + owner + ": before=" + before + " parked=" + parked + " released=" + released
                + " shed=" + shedTotal() + reasons + " gone=" + gone + " waiting=" + waiting + ", longest wait "
                + millis(longestNanos) + ", "
                + (drainedNanos < 0 ? "never drained" : "drained after " + millis(drainedNanos))
                + ", held for " + millis(heldNanos);
    }

    private static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
    }
}
