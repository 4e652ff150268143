package sluice.proxy.route;

import java.util.Locale;

/** How far a hold is. */
public enum Phase {
    OPEN,
    HOLDING,
    DRAINED,
    RELEASING;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the admin contract and in metrics. */
    public String label() {
        return label;
    }
}
