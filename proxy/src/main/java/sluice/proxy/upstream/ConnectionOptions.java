package sluice.proxy.upstream;

/**
 * What the Connection fields of a head say (RFC 9110 section 7.6.1): options, each of which is also the name of a field that is
 * for this hop only. One object is used for many heads, one after another.
 */
final class ConnectionOptions {
    private static final byte[] CLOSE = Octets.of("close");
    private static final byte[] KEEP_ALIVE = Octets.of("keep-alive");
    private static final byte[] UPGRADE = Octets.of("upgrade");

    private boolean close;
    private boolean keepAlive;
    private boolean upgrade;
    private boolean names;

    void clear() {
        close = false;
        keepAlive = false;
        upgrade = false;
        names = false;
    }

    /** Reads the value of one Connection field; there may be several. */
    void read(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            int start = i;
            while (i < to && bytes[i] != ',') {
                i++;
            }
            int end = i++;
            while (start < end && Octets.blank(bytes[start])) {
                start++;
            }
            while (end > start && Octets.blank(bytes[end - 1])) {
                end--;
            }
            if (Octets.same(bytes, start, end, CLOSE)) {
                close = true;
            } else if (Octets.same(bytes, start, end, KEEP_ALIVE)) {
                keepAlive = true;
            } else if (Octets.same(bytes, start, end, UPGRADE)) {
                upgrade = true;
            } else if (start < end) {
                names = true;
            }
        }
    }

    boolean close() {
        return close;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    boolean upgrade() {
        return upgrade;
    }

    /** Whether it names anything else: fields that are not to be passed on. */
    boolean names() {
        return names;
    }
}
