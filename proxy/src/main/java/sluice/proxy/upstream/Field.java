package sluice.proxy.upstream;

/** The header fields that mean something to a proxy, as small numbers: one bit each in a mask of what to leave out. */
public final class Field {
    public static final int OTHER = 0;
    public static final int HOST = 1;
    public static final int CONTENT_LENGTH = 2;
    public static final int TRANSFER_ENCODING = 3;
    public static final int CONNECTION = 4;
    public static final int KEEP_ALIVE = 5;
    public static final int PROXY_CONNECTION = 6;
    public static final int TE = 7;
    public static final int TRAILER = 8;
    public static final int UPGRADE = 9;
    public static final int PROXY = 10;
    public static final int EXPECT = 11;
    public static final int X_FORWARDED_FOR = 12;
    public static final int X_FORWARDED_PROTO = 13;
    public static final int X_REAL_IP = 14;
    public static final int X_HELD_MS = 15;
    public static final int ACCEPT = 16;
    public static final int CONTENT_TYPE = 17;
    public static final int DATE = 18;
    /** Named by a Connection field, and so for the next hop only (RFC 9110 section 7.6.1). */
    public static final int NAMED = 19;
    /**
     * A name such as {@code X_Forwarded_For}: to CGI and Rack it is the same variable as the name with hyphens, so it would
     * slip past whoever sets that one. nginx drops such names too.
     */
    public static final int ALIAS = 20;

    /** What never goes to the next hop: RFC 9110 section 7.6.1, and Proxy, which CGI would take for a setting. */
    public static final long HOP_BY_HOP = mask(CONNECTION)
            | mask(KEEP_ALIVE)
            | mask(PROXY_CONNECTION)
            | mask(TE)
            | mask(TRAILER)
            | mask(UPGRADE)
            | mask(PROXY)
            | mask(NAMED)
            | mask(ALIAS);

    private static final String[] NAMES = {
        "",
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "proxy",
        "expect",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-real-ip",
        "x-held-ms",
        "accept",
        "content-type",
        "date"
    };
    private static final byte[][] BYTES = new byte[NAMES.length][];
    private static final int[][] BY_LENGTH = new int[20][];

    static {
        for (int length = 0; length < BY_LENGTH.length; length++) {
            int size = length;
            BY_LENGTH[length] = java.util.stream.IntStream.range(1, NAMES.length)
                    .filter(i -> NAMES[i].length() == size)
                    .toArray();
        }
        for (int i = 0; i < NAMES.length; i++) {
            BYTES[i] = Octets.of(NAMES[i]);
        }
    }

    private Field() {}

    public static long mask(int field) {
        return 1L << field;
    }

    /** The number of a name, {@link #OTHER} when it means nothing to a proxy. */
    static int of(byte[] bytes, int start, int end) {
        int length = end - start;
        if (length >= BY_LENGTH.length) {
            return OTHER;
        }
        for (int field : BY_LENGTH[length]) {
            int difference = compare(bytes, start, BYTES[field]);
            if (difference != DIFFERENT) {
                return difference == SAME ? field : ALIAS;
            }
        }
        return OTHER;
    }

    private static final int SAME = 0;
    private static final int UNDERSCORES = 1;
    private static final int DIFFERENT = 2;

    private static int compare(byte[] bytes, int start, byte[] name) {
        int result = SAME;
        for (int i = 0; i < name.length; i++) {
            byte b = Octets.lower(bytes[start + i]);
            if (b != name[i]) {
                if (b != '_' || name[i] != '-') {
                    return DIFFERENT;
                }
                result = UNDERSCORES;
            }
        }
        return result;
    }
}
