package sluice.control.run;

import java.time.Instant;
import java.util.Map;

/**
 * One record of a run's journal.
 *
 * @param at when, by the wall clock
 * @param kind what it says
 * @param step the step's id, or empty
 * @param text a reason for people, or empty
 * @param facts what was learnt
 */
public record Entry(Instant at, Kind kind, String step, String text, Map<String, String> facts) {
    public Entry {
        facts = Map.copyOf(facts);
    }

    /** What a record says. */
    public enum Kind {
        /** The run exists; its facts name the sides. */
        BEGIN,
        /** A step is about to have effects. */
        INTENT,
        /** The first lock is about to be set. */
        FENCE_INTENT,
        /** The point of no return. */
        PROMOTE_INTENT,
        /** A step is done. Written with the next intent: what it says can also be found out by looking. */
        DONE,
        /** A step failed; the text says why. */
        FAILED,
        /** A step's effects are about to be taken back. */
        UNDO,
        /** They are taken back. */
        UNDONE,
        /** The run has ended; the text is the outcome's kind. */
        END;

        boolean isIntent() {
            return this == INTENT || this == FENCE_INTENT || this == PROMOTE_INTENT;
        }
    }
}
