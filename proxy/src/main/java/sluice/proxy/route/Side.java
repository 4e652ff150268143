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

    /** A small number for arrays of counters: OLD is 0, NEW is 1. */
    @SuppressWarnings("EnumOrdinal") // never stored, never sent
    public int index() {
        return ordinal();
    }

    public Side other() {
        return this == OLD ? NEW : OLD;
    }
}
