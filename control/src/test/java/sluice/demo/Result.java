package sluice.demo;

import java.util.Locale;
import java.util.stream.Stream;
import sluice.demo.load.Load;
import sluice.demo.load.Sample;
import sluice.demo.verdict.Verdict;

/**
 * How one move went, in the numbers that count.
 *
 * @param moved whether {@code sluice move} said that it is done
 * @param holdMillis the hold as the report has it, or NaN
 * @param writeGapMillis between the last write of the old and the first of the new database, or NaN
 * @param readWaitMillis the longest time that a read took since the warm-up
 * @param writeWaitMillis the same for a write
 * @param streamWaitMillis the same for the opening of a stream
 */
record Result(
        boolean moved,
        long failed,
        long lost,
        long doubled,
        double holdMillis,
        double writeGapMillis,
        double readWaitMillis,
        double writeWaitMillis,
        double streamWaitMillis) {
    static Result of(Move.Outcome move, Load.Recorded recorded, long warm, Verdict verdict, Double writeGapMillis) {
        return new Result(
                move.done(),
                recorded.failed(),
                verdict.lost().size(),
                verdict.doubled().size(),
                move.hold() == null ? Double.NaN : move.hold().nanos() / 1e6,
                writeGapMillis == null ? Double.NaN : writeGapMillis,
                longest(recorded, warm, Sample.Kind.READ),
                longest(recorded, warm, Sample.Kind.WRITE),
                longest(recorded, warm, Sample.Kind.STREAM));
    }

    private static double longest(Load.Recorded recorded, long warm, Sample.Kind kind) {
        Stream<Sample> counted =
                recorded.samples().stream().filter(sample -> sample.kind() == kind && sample.start() - warm >= 0);
        return counted.mapToLong(Sample::nanos).max().orElse(0) / 1e6;
    }

    /** The move is done, and nobody noticed more than a wait. */
    boolean good() {
        return moved && failed == 0 && lost == 0 && doubled == 0;
    }

    /** Both together: sums of what is counted, the longer of the times. */
    Result and(Result other) {
        return new Result(
                moved && other.moved,
                failed + other.failed,
                lost + other.lost,
                doubled + other.doubled,
                Math.max(holdMillis, other.holdMillis),
                Math.max(writeGapMillis, other.writeGapMillis),
                Math.max(readWaitMillis, other.readWaitMillis),
                Math.max(writeWaitMillis, other.writeWaitMillis),
                Math.max(streamWaitMillis, other.streamWaitMillis));
    }

    /** The line that other programs read. */
    String line() {
        return "failed=" + failed + " lost=" + lost + " doubled=" + doubled + " hold_ms=" + whole(holdMillis)
                + " write_gap_ms=" + whole(writeGapMillis) + " read_wait_ms=" + whole(readWaitMillis)
                + " write_wait_ms=" + whole(writeWaitMillis);
    }

    static String whole(double millis) {
        return Double.isNaN(millis) ? "unknown" : String.format(Locale.ROOT, "%.0f", millis);
    }
}
