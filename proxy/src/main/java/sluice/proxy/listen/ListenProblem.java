package sluice.proxy.listen;

/** An address that cannot be listened on. The message names it, says why and what to do. */
public final class ListenProblem extends Exception {
    ListenProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
