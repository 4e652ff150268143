package sluice.proxy.gate;

import sluice.proxy.route.Side;

/** The counts of one loop, or of all together: arrays by the ordinal of {@link Side}. Confined to one thread at a time. */
final class LoopCounts {
    final int[] inFlight = new int[Side.values().length];
    final int[] writes = new int[Side.values().length];
    final int[] streams = new int[Side.values().length];
    long staleWrites;
    /** How many streams are being closed, see {@link LoopStreams#closeFormer}: still open, and all of them. */
    int closingLeft;

    int closingTotal;
    /** How long the oldest write in flight has been so, in milliseconds. Filled in when the counts are asked for. */
    long oldestWriteMillis;

    LoopCounts copy() {
        LoopCounts copy = new LoopCounts();
        copy.add(this);
        return copy;
    }

    void add(LoopCounts other) {
        for (int side = 0; side < inFlight.length; side++) {
            inFlight[side] += other.inFlight[side];
            writes[side] += other.writes[side];
            streams[side] += other.streams[side];
        }
        staleWrites += other.staleWrites;
        closingLeft += other.closingLeft;
        closingTotal += other.closingTotal;
        oldestWriteMillis = Math.max(oldestWriteMillis, other.oldestWriteMillis);
    }

    int allWrites() {
        int all = 0;
        for (int count : writes) {
            all += count;
        }
        return all;
    }
}
