package sluice.control.gate;

import java.io.IOException;

/** A proxy did not do what was asked: which one, what was asked, what it said. */
public final class GateException extends IOException {
    private final int status;

    /** @param status the HTTP status, or 0 when there was no answer: it is not known then whether the change happened */
    public GateException(int status, String message) {
        super(message);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
