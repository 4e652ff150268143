package sluice.proxy.gate;

import java.time.Duration;
import java.util.List;
import sluice.proxy.route.Switchboard;

/**
 * Closes the streams on the former upstream, spread over a time, so that their clients do not all come back at once. Confined
 * to the switchboard's thread.
 */
final class StreamCloser {
    private static final int TURNS = 50;

    private final Switchboard switchboard;
    private final List<LoopGate> gates;
    private final long pauseNanos;
    private long round;

    StreamCloser(Switchboard switchboard, List<LoopGate> gates, Duration closeOver) {
        this.switchboard = switchboard;
        this.gates = gates;
        this.pauseNanos = closeOver.toNanos() / TURNS;
    }

    /** Begins; one that is under way ends. */
    void start() {
        round++;
        turn(round, 0);
    }

    /** Streams stay as they are. */
    void stop() {
        round++;
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
