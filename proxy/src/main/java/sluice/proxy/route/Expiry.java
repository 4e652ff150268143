package sluice.proxy.route;

import java.util.Locale;

/** What a hold becomes when its lease runs out: released to the active upstream, or shedding until somebody decides. */
public enum Expiry {
    OPEN,
    SHED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the admin contract and in metrics. */
    public String label() {
        return label;
    }
}
