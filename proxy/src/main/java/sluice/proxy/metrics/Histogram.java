package sluice.proxy.metrics;

import java.util.concurrent.TimeUnit;

/**
 * Durations in fixed buckets, for a Prometheus histogram. Plain fields: one writer, or a lock of the owner's. Recording
 * allocates nothing. The bounds are the same for every histogram, so that any two can be added up.
 */
public final class Histogram {
    private static final long[] BOUNDS_NANOS = {
        millis(1),
        micros(2_500),
        millis(5),
        millis(10),
        millis(25),
        millis(50),
        millis(100),
        millis(250),
        millis(500),
        millis(1_000),
        millis(2_500),
        millis(5_000),
        millis(10_000),
        millis(25_000),
        millis(60_000),
    };

    private final long[] counts = new long[BOUNDS_NANOS.length + 1];
    private long sumNanos;

    /** The number of buckets, the last one (without an upper bound) included. */
    public static int buckets() {
        return BOUNDS_NANOS.length + 1;
    }

    /** The inclusive upper bound of a bucket in seconds; infinite for the last one. */
    public static double upperBoundSeconds(int bucket) {
        return bucket == BOUNDS_NANOS.length ? Double.POSITIVE_INFINITY : BOUNDS_NANOS[bucket] / 1e9;
    }

    /** Records one duration. A negative one (a clock that was set back) counts as zero. */
    public void record(long nanos) {
        long duration = Math.max(0, nanos);
        int bucket = 0;
        while (bucket < BOUNDS_NANOS.length && duration > BOUNDS_NANOS[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sumNanos += duration;
    }

    /** How many durations fell into this one bucket (not cumulated). */
    public long count(int bucket) {
        return counts[bucket];
    }

    /** How many durations were recorded. */
    public long count() {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        return all;
    }

    /** The sum of all durations in seconds. */
    public double sumSeconds() {
        return sumNanos / 1e9;
    }

    /** Adds everything that another histogram holds. */
    public void add(Histogram other) {
        for (int bucket = 0; bucket < counts.length; bucket++) {
            counts[bucket] += other.counts[bucket];
        }
        sumNanos += other.sumNanos;
    }

    public Histogram copy() {
        Histogram copy = new Histogram();
        copy.add(this);
        return copy;
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static long micros(long micros) {
        return TimeUnit.MICROSECONDS.toNanos(micros);
    }
}
