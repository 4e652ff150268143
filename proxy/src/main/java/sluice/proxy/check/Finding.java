package sluice.proxy.check;

/**
 * Something on the machine that does not go together with the configuration.
 *
 * @param key the key in {@code proxy.toml} that it is about
 * @param text what was found, and what to do
 */
public record Finding(Kind kind, String key, String text) {
    /** How bad it is. */
    public enum Kind {
        /** The proxy would not start, or would not serve. */
        PROBLEM,
        /** It may be meant, or pass by itself. */
        WARNING
    }

    static Finding problem(String key, String text) {
        return new Finding(Kind.PROBLEM, key, text);
    }

    static Finding warning(String key, String text) {
        return new Finding(Kind.WARNING, key, text);
    }
}
