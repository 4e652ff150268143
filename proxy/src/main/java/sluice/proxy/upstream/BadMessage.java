package sluice.proxy.upstream;

/**
 * A message that is not acceptable HTTP/1.1, or that is over a bound. Carries no stack trace: it is made on the hot path of
 * somebody who attacks.
 */
public final class BadMessage extends Exception {
    private final int status;

    /**
     * A refusal.
     *
     * @param status the answer that a client gets for it; what an upstream sent is answered 502 whatever this says
     * @param reason what is wrong, in words for the log and for the client, with the section of the RFC
     */
    public BadMessage(int status, String reason) {
        super(reason, null, false, false);
        this.status = status;
    }

    public int status() {
        return status;
    }

    /** What is wrong. */
    public String reason() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
