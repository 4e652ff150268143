package sluice.proxy.nginx;

/**
 * Something in nginx's configuration that a person should know of.
 *
 * @param directive the directive as one line
 * @param why why it matters, in a sentence
 */
public record Finding(Kind kind, Place place, String directive, String why) {
    /** Whether it stands against the import until somebody accepts it. */
    public enum Kind {
        AGAINST,
        NOTE
    }
}
