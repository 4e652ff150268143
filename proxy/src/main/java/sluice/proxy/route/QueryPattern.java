package sluice.proxy.route;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A query parameter in a rule: {@code name=value}, with {@code *} for any bytes in the value, or {@code name} alone, which
 * means that it is switched on: that it has a value which Rails does not take for false. Immutable; allocates nothing.
 *
 * <p>Read as Rack reads it, and where versions differ each way counts: {@code ;} parts parameters up to Rack 2, {@code
 * a[]=1} and {@code [a]=1} give {@code a} a value, escapes count in names too.
 */
final class QueryPattern {
    /** ActiveModel::Type::Boolean; an empty text is nothing, which is no yes either. */
    private static final Glob[] OFF = {
        new Glob(""),
        new Glob("0"),
        new Glob("f"),
        new Glob("F"),
        new Glob("false"),
        new Glob("FALSE"),
        new Glob("off"),
        new Glob("OFF")
    };

    private enum Found {
        NO,
        /** The parameter, with another value. */
        OTHERWISE,
        YES
    }

    private final byte[] name;
    private final @Nullable Glob value;

    /** @param pattern {@code name} or {@code name=value}; ASCII */
    QueryPattern(String pattern) {
        int equals = pattern.indexOf('=');
        this.name = (equals < 0 ? pattern : pattern.substring(0, equals)).getBytes(StandardCharsets.US_ASCII);
        this.value = equals < 0 ? null : new Glob(pattern.substring(equals + 1));
    }

    /** Whether some server finds the parameter. {@code start} is at the question mark, or at {@code end} without one. */
    boolean matchesWidely(byte[] head, int start, int end) {
        return count(head, start, end, false, Found.YES) > 0 || count(head, start, end, true, Found.YES) > 0;
    }

    /** Whether the parameter is there once, so that nobody finds another value. */
    boolean matchesNarrowly(byte[] head, int start, int end) {
        return count(head, start, end, false, Found.YES) == 1
                && count(head, start, end, true, Found.YES) == 1
                && count(head, start, end, false, Found.OTHERWISE) == 0
                && count(head, start, end, true, Found.OTHERWISE) == 0;
    }

    private int count(byte[] head, int start, int end, boolean semicolons, Found wanted) {
        int count = 0;
        int from = start + 1;
        while (from < end) {
            int to = from;
            while (to < end && head[to] != '&' && !(semicolons && head[to] == ';')) {
                to++;
            }
            if (find(head, from, to) == wanted) {
                count++;
            }
            from = to + 1;
        }
        return count;
    }

    private Found find(byte[] head, int from, int to) {
        int at = from;
        while (at < to && bracket(Escapes.octet(head, at, to))) {
            at = Escapes.next(head, at, to);
        }
        for (byte letter : name) {
            if (at >= to || Escapes.lower(Escapes.octet(head, at, to)) != Escapes.lower(letter)) {
                return Found.NO;
            }
            at = Escapes.next(head, at, to);
        }
        if (at < to && bracket(Escapes.octet(head, at, to))) {
            // A list or a table: whatever is in it, it is not one of the values that mean no.
            return Found.YES;
        }
        if (at < to && head[at] != '=') {
            return Found.NO;
        }
        int valueStart = Math.min(at + 1, to);
        boolean matches = value == null ? !off(head, valueStart, to) : value.matches(head, valueStart, to, true, true);
        return matches ? Found.YES : Found.OTHERWISE;
    }

    private static boolean bracket(int octet) {
        return octet == '[' || octet == ']';
    }

    private static boolean off(byte[] head, int from, int to) {
        for (Glob no : OFF) {
            if (no.matches(head, from, to, true, false)) {
                return true;
            }
        }
        return false;
    }
}
