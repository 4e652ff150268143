package sluice.proxy.route;

import java.util.Locale;

/** One of the services that an upstream offers. */
public enum Service {
    /** The application itself (Puma). */
    WEB,
    /** Long-lived streams (node). */
    STREAMING;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in the configuration. */
    public String label() {
        return label;
    }
}
