package sluice.proxy.route;

import java.util.Locale;

/** What a hold concerns: writes and new streams, or every request. */
public enum Scope {
    WRITES,
    ALL;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the admin contract and in metrics. */
    public String label() {
        return label;
    }
}
