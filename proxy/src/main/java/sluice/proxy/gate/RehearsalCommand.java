package sluice.proxy.gate;

import java.time.Duration;

/**
 * A rehearsal of a hold.
 *
 * @param lasts how long: more than 0, at most {@link #LONGEST}
 * @param real whether writes are held in earnest, else it only watches
 */
public record RehearsalCommand(Duration lasts, boolean real) {
    /** The longest one: a real one keeps people waiting. */
    public static final Duration LONGEST = Duration.ofSeconds(60);

    public RehearsalCommand {
        if (lasts.toMillis() <= 0 || lasts.compareTo(LONGEST) > 0) {
            throw new GateException(
                    GateException.Kind.INVALID,
                    "for: from 1 ms to " + LONGEST.toSeconds() + " s, not " + lasts.toMillis() + " ms");
        }
    }
}
