package sluice.proxy.accesslog;

/**
 * Finds {@code access_token} in a query (RFC 6750 section 2.3). Mastodon's clients send it with every stream, and whoever could read
 * it in a log could use the account.
 */
final class AccessToken {
    private static final String NAME = "access_token";

    private AccessToken() {}

    /** Where the value begins, if the parameter that begins here is one, else -1. Its name may be percent-encoded. */
    static int valueStart(byte[] bytes, int from, int to) {
        int i = from;
        for (int n = 0; n < NAME.length(); n++) {
            if (i < to && bytes[i] == NAME.charAt(n)) {
                i++;
            } else if (i + 2 < to
                    && bytes[i] == '%'
                    && Character.digit(bytes[i + 1], 16) * 16 + Character.digit(bytes[i + 2], 16) == NAME.charAt(n)) {
                i += 3;
            } else {
                return -1;
            }
        }
        return i < to && bytes[i] == '=' ? i + 1 : -1;
    }

    /** Where the value ends: at the next parameter, or at the end of the target. Longer rather than too short. */
    static int valueEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != '&' && bytes[i] != ' ') {
            i++;
        }
        return i;
    }
}
