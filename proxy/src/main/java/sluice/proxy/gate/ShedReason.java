package sluice.proxy.gate;

import java.util.Locale;

/** Why a request was asked to retry. */
public enum ShedReason {
    /** It waited as long as its class may. */
    WAITED,
    /** Too many requests, or too many bytes, wait already. */
    FULL,
    /** As many requests of the same client address, or of the same HTTP/2 connection, wait already as may. */
    CLIENT,
    /** The gate sheds: a lease ran out with {@code expiry = shed}, or the state is not known. */
    SHUT,
    /** The proxy is stopping. */
    STOPPING;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
