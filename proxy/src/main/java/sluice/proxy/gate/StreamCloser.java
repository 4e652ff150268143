package sluice.proxy.gate;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Switchboard;

/**
 * Closes the streams on the former upstream, spread over a time, so that their clients do not all come back at once. Confined
 * to the switchboard's thread.
 */
final class StreamCloser {
    private static final int TURNS = 50;

    private final Switchboard switchboard;
    private final Time time;
    private final List<LoopGate> gates;
    private final long pauseNanos;
    private long round;
    private boolean begun;
    private long endsNanos;

    StreamCloser(Switchboard switchboard, Time time, List<LoopGate> gates, Duration closeOver) {
        this.switchboard = switchboard;
        this.time = time;
        this.gates = gates;
        this.pauseNanos = closeOver.toNanos() / TURNS;
    }

    /** Begins; one that is under way ends. */
    void start() {
        round++;
        begun = true;
        endsNanos = time.nanos().getAsLong() + (TURNS - 1) * pauseNanos;
        turn(round, 0);
    }

    /**
     * How far it is.
     *
     * @param counts of all loops
     * @return null when nothing is being closed
     */
    GateState.@Nullable Closing progress(LoopCounts counts) {
        long left = Math.max(0, endsNanos - time.nanos().getAsLong());
        if (!begun || counts.closingTotal == 0 || (left == 0 && counts.closingLeft == 0)) {
            return null;
        }
        return new GateState.Closing(counts.closingLeft, counts.closingTotal, TimeUnit.NANOSECONDS.toMillis(left));
    }

    /** Streams stay as they are. */
    void stop() {
        round++;
        begun = false;
    }

    private void turn(long ofRound, int turn) {
        if (ofRound != round || turn == TURNS) {
            return;
        }
        for (LoopGate gate : gates) {
            gate.execute(() -> gate.closeFormer(turn, TURNS));
        }
        switchboard.later(pauseNanos, () -> turn(ofRound, turn + 1));
    }
}
