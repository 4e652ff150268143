package sluice.control.run;

import java.util.List;

/**
 * How a run, or an attempt to recover one, ended.
 *
 * @param kind in one word
 * @param text why; for {@link Kind#NEEDS_OPERATOR} the question, and what is safe meanwhile
 * @param warnings what people should know all the same
 */
public record Outcome(Kind kind, String text, List<String> warnings) {
    public Outcome {
        warnings = List.copyOf(warnings);
    }

    /** The ends of a run. */
    public enum Kind {
        /** The site is on the other side. */
        DONE,
        /** Everything is as before. */
        ABORTED,
        /** Nothing was begun: a check blocks, or it is too late. */
        REFUSED,
        /** Another control is at work on this site; never written to a journal. */
        BUSY,
        /** Somebody must answer a question; writes are paused or asked to retry meanwhile. */
        NEEDS_OPERATOR
    }
}
