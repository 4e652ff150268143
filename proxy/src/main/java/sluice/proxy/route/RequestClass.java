package sluice.proxy.route;

import java.time.Duration;
import java.util.Locale;
import sluice.proxy.config.ProxyConfig;

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

    /**
     * Whether a request of this class may be sent a second time when it failed. Its method has to be safe (RFC 9110 section
     * 9.2.1) and it must not be known to write all the same: a rule can make a GET a write, but no POST repeatable.
     */
    public boolean mayBeSentAgain(boolean safeMethod) {
        return safeMethod && !isWrite();
    }

    /** How long a request of this class may wait at the gate. */
    public Duration wait(ProxyConfig.Waits waits) {
        return switch (this) {
            case INBOX -> waits.inbox();
            case MEDIA -> waits.media();
            case WRITE -> waits.write();
            case READ -> waits.read();
            case STREAM -> waits.stream();
        };
    }
}
