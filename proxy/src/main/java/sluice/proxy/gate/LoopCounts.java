package sluice.proxy.gate;

import sluice.proxy.route.Side;

/** The counts of one loop, or of all together: arrays by the ordinal of {@link Side}. Confined to one thread at a time. */
final class LoopCounts {
    final int[] inFlight = new int[Side.values().length];
    final int[] writes = new int[Side.values().length];
    final int[] streams = new int[Side.values().length];
    long staleWrites;

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
    }

    int allWrites() {
        int all = 0;
        for (int count : writes) {
            all += count;
        }
        return all;
    }
}
