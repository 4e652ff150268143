package sluice.control;

import sluice.control.run.Outcome;

/** The program's exit codes. */
final class Exit {
    /** Done. */
    static final int DONE = 0;
    /** It failed, and everything is as before. */
    static final int FAILED = 1;
    /** Wrong usage. */
    static final int USAGE = 2;
    /** Refused: a check blocks, or it is too late. */
    static final int REFUSED = 3;
    /** Somebody must answer a question. */
    static final int NEEDS_OPERATOR = 4;
    /** Still working elsewhere. */
    static final int BUSY = 5;
    /** The configuration is wrong ({@code EX_CONFIG} of sysexits.h). */
    static final int CONFIGURATION = 78;

    private Exit() {}

    static int of(Outcome.Kind kind) {
        return switch (kind) {
            case DONE -> DONE;
            case ABORTED -> FAILED;
            case REFUSED -> REFUSED;
            case NEEDS_OPERATOR -> NEEDS_OPERATOR;
            case BUSY -> BUSY;
        };
    }
}
