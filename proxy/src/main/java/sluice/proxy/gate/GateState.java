package sluice.proxy.gate;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/**
 * Everything that the gate knows about itself. The routing is one that every loop goes by.
 *
 * @param routing which upstream is active, the phase, the hold, the epoch
 * @param waiting how many requests wait
 * @param waitingBytes what they occupy
 * @param oldestNanos how long the oldest of them has waited; 0 when none waits
 * @param unknown how many unknown writes are remembered
 * @param unknownTotal how many writes ever became unknown
 * @param staleWrites how many writes started after drained; must be 0
 * @param sides what runs on each upstream
 * @param tally what became of the requests that were not let through at once
 * @param oldestWriteMillis how long the oldest write in flight has been so; 0 when there is none
 * @param closing how far the closing of the streams on the former upstream is; null when there is none
 * @param trouble what somebody should look at, as a sentence; empty when there is nothing
 */
public record GateState(
        Routing routing,
        int waiting,
        long waitingBytes,
        long oldestNanos,
        int unknown,
        long unknownTotal,
        long staleWrites,
        Map<Side, OnSide> sides,
        Tally tally,
        long oldestWriteMillis,
        @Nullable Closing closing,
        String trouble) {
    /**
     * The streams on the former upstream that are being closed.
     *
     * @param left how many are still open
     * @param total how many there were
     * @param millisLeft how long it will take until each has been told; 0 when that is done
     */
    public record Closing(int left, int total, long millisLeft) {}

    /**
     * What runs on one upstream.
     *
     * @param inFlight requests in flight, streams not counted
     * @param writes those of them that are writes
     * @param streams open streams
     */
    public record OnSide(int inFlight, int writes, int streams) {}

    public GateState {
        sides = Map.copyOf(sides);
    }

    /** The epoch. */
    public long epoch() {
        return routing.epoch();
    }

    /** Writes in flight, on both upstreams. */
    public int writesInFlight() {
        return sides.values().stream().mapToInt(OnSide::writes).sum();
    }
}
