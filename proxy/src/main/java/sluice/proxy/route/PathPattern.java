package sluice.proxy.route;

import java.util.Arrays;

/**
 * A path in a rule: {@code /a/b}, {@code /a/*} (whatever lies below, at any depth), or with {@code *} for any bytes within
 * one segment. Immutable; matching allocates nothing.
 *
 * <p>Servers do not agree on when two paths are one. So there are two ways to match. <em>Widely</em>, for rules that hold a
 * request back: every path counts that some server takes for this one.
 * <ul>
 *   <li>Rails squeezes slashes, drops the last one, and takes {@code /a.json} for {@code /a}.
 *   <li>Puma ends the path at the first {@code ;} (its grammar has it from RFC 2396), Java's servers drop what follows it up
 *       to the next slash.
 *   <li>Escapes of letters mean the letters (RFC 3986, 6.2.2.2), to most but not to Rails; and some ignore case.
 * </ul>
 * <em>Narrowly</em>, for rules that let a request through: only the very path counts, and none that could be read in another
 * way. A {@code ..} is resolved by neither: Puma, Rails and nginx's proxy_pass without a path hand it on as it is.
 */
final class PathPattern {
    private final Glob[] segments;
    private final boolean below;
    private final boolean slash;
    private final int first;

    /** Any byte may be the first one of the path. */
    static final int ANY = -1;
    /** There is none: the path is the root. */
    static final int NONE = 0;

    /** @param pattern begins with a slash; ASCII without escapes, {@code ;} and {@code ?} */
    PathPattern(String pattern) {
        String[] parts = Arrays.stream(pattern.split("/", -1))
                .filter(part -> !part.isEmpty())
                .toArray(String[]::new);
        below = parts.length > 0 && parts[parts.length - 1].equals("*");
        slash = pattern.length() > 1 && pattern.endsWith("/");
        int named = below ? parts.length - 1 : parts.length;
        segments = Arrays.stream(parts, 0, named).map(Glob::new).toArray(Glob[]::new);
        if (named == 0) {
            first = below ? ANY : NONE;
        } else {
            first = parts[0].startsWith("*") ? ANY : Escapes.lower(parts[0].charAt(0));
        }
    }

    /** The first byte behind the slash, as lower case: {@link #ANY}, {@link #NONE}, or the only one with which it can match. */
    int first() {
        return first;
    }

    /** The same of a request's path: {@link #ANY} when it is not certain. */
    static int first(byte[] head, int start, int end) {
        int at = start;
        while (at < end && head[at] == '/') {
            at++;
        }
        if (at == end) {
            return NONE;
        }
        if (head[at] == ';' || head[at] == '.') {
            return ANY;
        }
        return Escapes.lower(Escapes.octet(head, at, end));
    }

    /**
     * Whether some server takes the path for this one.
     *
     * @param semicolon where the first one is, {@code end} when there is none; for all patterns the same, so asked once
     */
    boolean matchesWidely(byte[] head, int start, int end, int semicolon) {
        return wide(head, start, end) || (semicolon < end && wide(head, start, semicolon));
    }

    static int semicolon(byte[] head, int start, int end) {
        return withoutParameters(head, start, end);
    }

    private boolean wide(byte[] head, int start, int end) {
        int at = start;
        for (int i = 0; i < segments.length; i++) {
            int from = skip(head, at, end);
            if (from == at || from == end) {
                return false;
            }
            at = endOfSegment(head, from, end);
            int to = withoutParameters(head, from, at);
            boolean last = i == segments.length - 1 && !below;
            if (!segments[i].matches(head, from, to, true, true) && !(last && formatted(i, head, from, to))) {
                return false;
            }
        }
        int from = skip(head, at, end);
        return below ? from > at && from < end : from == end && start < end && head[start] == '/';
    }

    /** Whether it is {@code /a.json} for {@code /a}. A format has no dot in it. */
    private boolean formatted(int segment, byte[] head, int from, int to) {
        for (int dot = to - 1; dot > from; dot--) {
            if (head[dot] == '.') {
                return segments[segment].matches(head, from, dot, true, true);
            }
        }
        return false;
    }

    /** Behind the slashes, and behind segments that are no more than parameters or a single dot. */
    private static int skip(byte[] head, int from, int end) {
        int at = from;
        while (at < end) {
            if (head[at] == '/') {
                at++;
            } else if (at > from && head[at] == ';') {
                at = endOfSegment(head, at, end);
            } else if (at > from && head[at] == '.' && (at + 1 == end || head[at + 1] == '/')) {
                at++;
            } else {
                return at;
            }
        }
        return at;
    }

    private static int endOfSegment(byte[] head, int from, int end) {
        int at = from;
        while (at < end && head[at] != '/') {
            at++;
        }
        return at;
    }

    private static int withoutParameters(byte[] head, int from, int to) {
        for (int i = from; i < to; i++) {
            if (head[i] == ';') {
                return i;
            }
        }
        return to;
    }

    /** Whether it is this path, and can be taken for no other. */
    boolean matchesNarrowly(byte[] head, int start, int end) {
        int at = start;
        for (Glob segment : segments) {
            if (at == end || head[at] != '/') {
                return false;
            }
            int from = at + 1;
            at = endOfSegment(head, from, end);
            if (from == at || !segment.matches(head, from, at, false, false)) {
                return false;
            }
            // An escape lies within a star, and its last digit may be what stands behind that: *c is not for %6c, which
            // is l.
            if (!segment.matches(head, from, at, true, false)) {
                return false;
            }
        }
        boolean restIsRight;
        if (below) {
            restIsRight = end - at > 1 && head[at] == '/';
        } else if (slash || segments.length == 0) {
            restIsRight = end - at == 1 && head[at] == '/';
        } else {
            restIsRight = at == end;
        }
        return restIsRight && plain(head, start, end);
    }

    /** Whether all servers read the path alike. */
    private static boolean plain(byte[] head, int start, int end) {
        int at = start;
        while (at < end) {
            int octet = Escapes.octet(head, at, end);
            int next = Escapes.next(head, at, end);
            boolean escaped = next > at + 1;
            if (octet == ';' || octet == '\\' || (octet == '%' || (escaped && (octet == '/' || octet == '.')))) {
                return false;
            }
            if (octet == '/' && next < end && (head[next] == '/' || dots(head, next, end))) {
                return false;
            }
            at = next;
        }
        return true;
    }

    /** Whether the segment is {@code .} or {@code ..}. */
    private static boolean dots(byte[] head, int from, int end) {
        int to = endOfSegment(head, from, end);
        return head[from] == '.' && (to - from == 1 || (to - from == 2 && head[from + 1] == '.'));
    }
}
