package sluice.proxy.upstream;

import java.nio.charset.StandardCharsets;

/** The character classes of HTTP (RFC 9110 section 5.6.2, RFC 9112 section 3.2) as one table, and comparisons over bytes. */
public final class Octets {
    private static final int TOKEN = 1;
    private static final int VALUE = 2;
    private static final int TARGET = 4;
    private static final int HOST = 8;
    private static final byte[] CLASS = new byte[256];
    private static final byte[] LOWER = new byte[256];

    static {
        for (int c = 0; c < 256; c++) {
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            boolean visible = c > 0x20 && c < 0x7f;
            int flags = 0;
            if (alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0) {
                flags |= TOKEN;
            }
            // RFC 9110 5.5: field-vchar is VCHAR or obs-text; CR, LF and NUL are to be refused, and so is every other
            // control.
            if (visible || c >= 0x80 || c == ' ' || c == '\t') {
                flags |= VALUE;
            }
            // RFC 3986 would have fewer, but browsers send | ^ { } and bots raw UTF-8, and Mastodon's server takes
            // them.
            if ((visible && c != '#') || c >= 0x80) {
                flags |= TARGET;
            }
            // RFC 3986 3.2.2: reg-name, IP-literal, port; no userinfo.
            if (alphanumeric || "-._~!$&'()*+,;=%:[]".indexOf(c) >= 0) {
                flags |= HOST;
            }
            CLASS[c] = (byte) flags;
            LOWER[c] = (byte) (c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
    }

    private Octets() {}

    /** RFC 9110 section 5.6.2: tchar. */
    public static boolean token(byte b) {
        return (CLASS[b & 0xff] & TOKEN) != 0;
    }

    /** RFC 9110 section 5.5: what a field value may hold, blanks included. */
    public static boolean value(byte b) {
        return (CLASS[b & 0xff] & VALUE) != 0;
    }

    /** RFC 9112 section 3.2: what a request target may hold. */
    public static boolean target(byte b) {
        return (CLASS[b & 0xff] & TARGET) != 0;
    }

    /** RFC 9110 section 7.2: what a Host may hold. */
    public static boolean host(byte b) {
        return (CLASS[b & 0xff] & HOST) != 0;
    }

    /** RFC 9110 section 5.6.3: SP or HTAB. */
    public static boolean blank(byte b) {
        return b == ' ' || b == '\t';
    }

    public static byte lower(byte b) {
        return LOWER[b & 0xff];
    }

    /** Whether the range is {@code lowercase} but for the case of letters. */
    public static boolean same(byte[] bytes, int start, int end, byte[] lowercase) {
        if (end - start != lowercase.length) {
            return false;
        }
        for (int i = 0; i < lowercase.length; i++) {
            if (LOWER[bytes[start + i] & 0xff] != lowercase[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the range is exactly {@code wanted}, case and all. */
    public static boolean equal(byte[] bytes, int start, int end, byte[] wanted) {
        return java.util.Arrays.equals(bytes, start, end, wanted, 0, wanted.length);
    }

    /** Whether {@code lowercase} occurs in the range, whatever the case of its letters. */
    public static boolean contains(byte[] bytes, int start, int end, byte[] lowercase) {
        for (int i = start; i + lowercase.length <= end; i++) {
            if (same(bytes, i, i + lowercase.length, lowercase)) {
                return true;
            }
        }
        return false;
    }

    public static byte[] of(String ascii) {
        return ascii.getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes a number that is not negative in decimal. Returns the index behind it. */
    public static int decimal(long number, byte[] out, int at) {
        int digits = 1;
        for (long n = number; n >= 10; n /= 10) {
            digits++;
        }
        long rest = number;
        for (int i = at + digits - 1; i >= at; i--) {
            out[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + digits;
    }

    /** Copies all of {@code what}. Returns the index behind it. */
    public static int put(byte[] what, byte[] out, int at) {
        System.arraycopy(what, 0, out, at, what.length);
        return at + what.length;
    }
}
