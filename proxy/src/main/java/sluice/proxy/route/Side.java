package sluice.proxy.route;

import java.util.Locale;

/** One upstream: a side of the move. */
public enum Side {
    OLD,
    NEW;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the admin contract, in metrics and in the configuration. */
    public String label() {
        return label;
    }

    public Side other() {
        return this == OLD ? NEW : OLD;
    }
}
