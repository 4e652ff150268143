package sluice.proxy.gate;

/**
 * Who asks for a change, for the audit log.
 *
 * @param who the name of the token, or user and process at the other end of a unix socket
 * @param from the socket or address that the call came through
 */
public record Caller(String who, String from) {
    /** The gate itself: a lease ran out, drained was reached. */
    static final Caller GATE = new Caller("the gate", "inside");
}
