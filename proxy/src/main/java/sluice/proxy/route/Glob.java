package sluice.proxy.route;

import java.nio.charset.StandardCharsets;

/** A text in which {@code *} stands for any bytes, or none. Immutable; matching allocates nothing. */
final class Glob {
    private final byte[] pattern;

    Glob(String pattern) {
        this.pattern = pattern.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Whether the whole range is such a text.
     *
     * @param decode whether percent-escapes in the range count as what they stand for
     * @param anyCase whether ASCII letters match whatever their case
     */
    boolean matches(byte[] bytes, int from, int to, boolean decode, boolean anyCase) {
        int p = 0;
        int at = from;
        int star = -1;
        int tried = from;
        while (at < to) {
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                tried = at;
            } else if (p < pattern.length && same(pattern[p], octet(bytes, at, to, decode), anyCase)) {
                p++;
                at = next(bytes, at, to, decode);
            } else if (star >= 0) {
                // The last * takes one byte more, and what stands behind it is tried anew.
                p = star + 1;
                tried = next(bytes, tried, to, decode);
                at = tried;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    private static int octet(byte[] bytes, int at, int end, boolean decode) {
        return decode ? Escapes.octet(bytes, at, end) : bytes[at] & 0xff;
    }

    private static int next(byte[] bytes, int at, int end, boolean decode) {
        return decode ? Escapes.next(bytes, at, end) : at + 1;
    }

    private static boolean same(byte wanted, int octet, boolean anyCase) {
        return wanted == octet || (anyCase && Escapes.lower(wanted) == Escapes.lower(octet));
    }
}
