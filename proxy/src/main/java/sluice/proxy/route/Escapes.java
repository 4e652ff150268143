package sluice.proxy.route;

/** Percent-escapes (RFC 3986 section 2.1) in the bytes of a request target, read in place: nothing is copied. */
final class Escapes {
    private Escapes() {}

    /** The byte that starts at {@code at}, 0 to 255, decoded when it is escaped. */
    static int octet(byte[] bytes, int at, int end) {
        return escaped(bytes, at, end) ? hex(bytes[at + 1]) << 4 | hex(bytes[at + 2]) : bytes[at] & 0xff;
    }

    /** Where the next byte starts. */
    static int next(byte[] bytes, int at, int end) {
        return escaped(bytes, at, end) ? at + 3 : at + 1;
    }

    /** ASCII letters as lower case. */
    static int lower(int octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
    }

    private static boolean escaped(byte[] bytes, int at, int end) {
        return bytes[at] == '%' && end - at > 2 && hex(bytes[at + 1]) >= 0 && hex(bytes[at + 2]) >= 0;
    }

    private static int hex(byte digit) {
        if (digit >= '0' && digit <= '9') {
            return digit - '0';
        }
        int letter = lower(digit);
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }
}
