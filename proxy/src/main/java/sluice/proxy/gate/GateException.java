package sluice.proxy.gate;

/** A command to the gate was refused or could not be done. Nothing has changed unless the detail says so. */
public final class GateException extends RuntimeException {
    /** What kind of refusal, each with its HTTP status. */
    public enum Kind {
        /** A parameter makes no sense. */
        INVALID(400, "invalid parameter"),
        /** Something that the command names does not exist. */
        NOT_FOUND(404, "not found"),
        /** The gate is not in a state in which this can be done. */
        CONFLICT(409, "conflict"),
        /** The epoch is not the one that the caller built on. */
        EPOCH(412, "another epoch"),
        /** The state file cannot be written, so nothing may change: 507 (RFC 4918 11.5), to be told from a fault of the proxy. */
        DISK(507, "the state file cannot be written");

        private final int status;
        private final String title;

        Kind(int status, String title) {
            this.status = status;
            this.title = title;
        }

        public int status() {
            return status;
        }

        public String title() {
            return title;
        }
    }

    private final Kind kind;

    public GateException(Kind kind, String detail) {
        super(detail);
        this.kind = kind;
    }

    public GateException(Kind kind, String detail, Throwable cause) {
        super(detail, cause);
        this.kind = kind;
    }

    static GateException conflict(String detail) {
        return new GateException(Kind.CONFLICT, detail);
    }

    public Kind kind() {
        return kind;
    }
}
