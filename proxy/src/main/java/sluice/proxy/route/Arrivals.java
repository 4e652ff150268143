package sluice.proxy.route;

import java.util.Locale;

/** What happens to a request that arrives and that the hold concerns. */
public enum Arrivals {
    PASS,
    PARK,
    SHED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the admin contract and in metrics. */
    public String label() {
        return label;
    }
}
