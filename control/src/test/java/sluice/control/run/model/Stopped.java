package sluice.control.run.model;

/** How the search leaves the program under test; an error, so that nothing there catches it. */
@SuppressWarnings("serial")
abstract class Stopped extends Error {
    private Stopped(String message) {
        super(message, null, false, false);
    }

    /** Control was killed: {@code kill -9}. */
    static final class Crash extends Stopped {
        Crash() {
            super("killed");
        }
    }

    /** Everything from this state on was seen before. */
    static final class Pruned extends Stopped {
        Pruned() {
            super("seen before");
        }
    }

    /** An invariant is broken. */
    static final class Violation extends Stopped {
        Violation(String message) {
            super(message);
        }
    }
}
