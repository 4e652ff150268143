package sluice.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A header field in a rule: {@code name}, or {@code name: value} with {@code *} for any bytes. Case does not matter.
 * Immutable; allocates nothing.
 */
final class HeaderPattern {
    private final byte[] name;
    private final @Nullable Glob value;

    HeaderPattern(String pattern) {
        int colon = pattern.indexOf(':');
        this.name = (colon < 0 ? pattern : pattern.substring(0, colon))
                .toLowerCase(Locale.ROOT)
                .getBytes(StandardCharsets.US_ASCII);
        this.value = colon < 0 ? null : new Glob(pattern.substring(colon + 1).strip());
    }

    /** Whether a field of that name matches. */
    boolean matchesWidely(byte[] head, RequestFields fields) {
        return count(head, fields, true) > 0;
    }

    /** Whether there is such a field, and every one of that name matches. */
    boolean matchesNarrowly(byte[] head, RequestFields fields) {
        return count(head, fields, true) > 0 && count(head, fields, false) == 0;
    }

    private int count(byte[] head, RequestFields fields, boolean matching) {
        int count = 0;
        for (int field = fields.find(name, 0); field >= 0; field = fields.find(name, field + 1)) {
            Glob glob = value;
            boolean matches =
                    glob == null || glob.matches(head, fields.valueStart(field), fields.valueEnd(field), false, true);
            if (matches == matching) {
                count++;
            }
        }
        return count;
    }
}
