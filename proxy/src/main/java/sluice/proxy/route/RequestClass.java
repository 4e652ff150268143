package sluice.proxy.route;

import java.util.Locale;

/** What a request is to the gate. */
public enum RequestClass {
    INBOX,
    MEDIA,
    WRITE,
    READ,
    STREAM;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the admin contract and in metrics. */
    public String label() {
        return label;
    }

    /** Whether it may change something: what drained is about. */
    public boolean isWrite() {
        return this == INBOX || this == MEDIA || this == WRITE;
    }
}
