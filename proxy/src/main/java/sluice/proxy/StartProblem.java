package sluice.proxy;

/** The proxy cannot start. The message says what is in the way, where, and what to do. */
public final class StartProblem extends Exception {
    StartProblem(String message) {
        super(message);
    }

    StartProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
