package sluice.proxy.route;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;

/**
 * Chosen requests go to the side that is not active, while the gate is open. A request is chosen when one of the marks fits;
 * at least one is given.
 *
 * @param side where they go
 * @param cookie {@code name=value} (RFC 6265, section 4.1.1), or null
 * @param header {@code name: value} (RFC 9110, section 5), or null; the case of the name does not matter, that of the value
 *     does
 * @param network where the client is, or null
 */
public record Preview(
        Side side,
        @Nullable String cookie,
        @Nullable String header,
        @Nullable Network network) {
    /** The longest mark, in characters: so a preview always finds room in the state file. */
    public static final int MAX_MARK = 300;

    /** @throws IllegalArgumentException naming the mark and saying what is wrong with it */
    public Preview {
        if (cookie == null && header == null && network == null) {
            throw new IllegalArgumentException("cookie, header, network: give at least one of them");
        }
        if (cookie != null) {
            cookie = cookie(cookie);
        }
        if (header != null) {
            header = header(header);
        }
    }

    /** In one line, for people. */
    public String describe() {
        List<String> marks = new ArrayList<>();
        if (cookie != null) {
            marks.add("cookie " + cookie);
        }
        if (header != null) {
            marks.add("header " + header);
        }
        if (network != null) {
            marks.add("network " + network);
        }
        return side.label() + " for " + String.join(" or ", marks);
    }

    /** The header's name in small letters; only when there is a header. */
    public String headerName() {
        String mark = header == null ? ":" : header;
        return mark.substring(0, mark.indexOf(':'));
    }

    /** The header's value; only when there is a header. */
    public String headerValue() {
        String mark = header == null ? ": " : header;
        return mark.substring(mark.indexOf(':') + 2);
    }

    private static String cookie(String given) {
        String what = "cookie: name=value, such as sluice=new, ";
        checkLength(given, what);
        int equals = given.indexOf('=');
        if (!isToken(given, equals)) {
            throw new IllegalArgumentException(what + "with a proper name");
        }
        for (int i = equals + 1; i < given.length(); i++) {
            char c = given.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == ';' || c == ',') {
                throw new IllegalArgumentException(what + "without blanks, commas, semicolons and control characters");
            }
        }
        return given;
    }

    /** Small letters in the name, one blank behind the colon. */
    private static String header(String given) {
        String what = "header: name: value, such as X-Preview: yes, ";
        checkLength(given, what);
        int colon = given.indexOf(':');
        if (!isToken(given, colon)) {
            throw new IllegalArgumentException(what + "with a proper name");
        }
        String value = given.substring(colon + 1).strip();
        if (value.isEmpty() || !value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(what + "with a value of printable ASCII characters");
        }
        return given.substring(0, colon).toLowerCase(java.util.Locale.ROOT) + ": " + value;
    }

    private static void checkLength(String given, String what) {
        if (given.length() > MAX_MARK) {
            throw new IllegalArgumentException(what + "of at most " + MAX_MARK + " characters");
        }
    }

    /** RFC 9110, section 5.6.2; a cookie's name is one too. */
    private static boolean isToken(String text, int end) {
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return end > 0;
    }
}
