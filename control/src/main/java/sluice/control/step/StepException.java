package sluice.control.step;

/** A step could not do its work. Says what, where, and what to do. */
public final class StepException extends Exception {
    private final boolean unsafe;

    private StepException(String message, boolean unsafe) {
        super(message);
        this.unsafe = unsafe;
    }

    /** Worth trying again, or undoing. */
    public static StepException failed(String message) {
        return new StepException(message, false);
    }

    /** Going on could make two sides writable or lose something: nothing is tried again, somebody is asked. */
    public static StepException unsafe(String message) {
        return new StepException(message, true);
    }

    public boolean isUnsafe() {
        return unsafe;
    }
}
