package sluice.proxy.upstream;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * The trailer fields of one message (RFC 9110 section 6.5), those that may be passed on: not what frames the message, routes it, says
 * who asks or changes how it is read, since whoever merges trailers into the head would believe it. One object is used for many
 * messages, one after another; confined to its event loop. Nothing is allocated for a message without trailers.
 */
public final class Trailers {
    /** More than anybody sends; {@link ChunkedBody} bounds their bytes. */
    private static final int MOST = 64;

    private static final byte[] NOTHING = new byte[0];

    /** Beside the fields that {@link Field} has numbers for. In lower case. */
    private static final Set<String> FORBIDDEN = Set.of(
            "age",
            "authorization",
            "cache-control",
            "cf-connecting-ip",
            "content-encoding",
            "content-range",
            "cookie",
            "date",
            "expires",
            "forwarded",
            "location",
            "max-forwards",
            "pragma",
            "range",
            "retry-after",
            "set-cookie",
            "true-client-ip",
            "vary",
            "via",
            "www-authenticate");

    private static final Set<String> FORBIDDEN_STARTS = Set.of("if-", "proxy-", "x-forwarded-", "access-control-");

    /** The fields one by one. */
    public interface Each {
        /** One field; the bytes are only good during the call. */
        void field(byte[] bytes, int nameStart, int nameEnd, int valueStart, int valueEnd);
    }

    private byte[] bytes = NOTHING;
    private int length;
    private int lineStart;
    private int count;

    void clear() {
        length = 0;
        lineStart = 0;
        count = 0;
    }

    /** A byte of the line that is being read. */
    void append(byte b) {
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(256, 2 * length));
        }
        bytes[length++] = b;
    }

    /** The line is complete: kept as {@code Name: value}, or dropped. Its name and value were checked byte by byte. */
    void endLine() throws BadMessage {
        int start = lineStart;
        int colon = start;
        while (bytes[colon] != ':') {
            colon++;
        }
        int from = colon + 1;
        int to = length;
        while (from < to && Octets.blank(bytes[from])) {
            from++;
        }
        while (to > from && Octets.blank(bytes[to - 1])) {
            to--;
        }
        if (!mayPass(bytes, start, colon)) {
            length = start;
            return;
        }
        if (++count > MOST) {
            throw Head.bad("more than " + MOST + " trailers");
        }
        byte[] value = Arrays.copyOfRange(bytes, from, to);
        length = colon + 1;
        append((byte) ' ');
        for (byte b : value) {
            append(b);
        }
        append((byte) '\r');
        append((byte) '\n');
        lineStart = length;
    }

    /**
     * A field that came in a frame of HTTP/2.
     *
     * @param name a token
     * @param value without control characters
     * @throws BadMessage when there are too many
     */
    public void add(CharSequence name, CharSequence value) throws BadMessage {
        for (int i = 0; i < name.length(); i++) {
            append((byte) name.charAt(i));
        }
        append((byte) ':');
        for (int i = 0; i < value.length(); i++) {
            append((byte) value.charAt(i));
        }
        endLine();
    }

    private static boolean mayPass(byte[] in, int start, int end) {
        if (Field.of(in, start, end) != Field.OTHER) {
            return false;
        }
        StringBuilder lower = new StringBuilder(end - start);
        for (int i = start; i < end; i++) {
            lower.append((char) in[i]);
        }
        // To CGI and Rack an underscore is a hyphen.
        String name = lower.toString().toLowerCase(Locale.ROOT).replace('_', '-');
        return !FORBIDDEN.contains(name) && FORBIDDEN_STARTS.stream().noneMatch(name::startsWith);
    }

    /** Whether there is none that may be passed on. */
    public boolean isEmpty() {
        return lineStart == 0;
    }

    /** How many bytes {@link #write} writes. */
    public int length() {
        return lineStart;
    }

    /** Writes them as lines, without the blank line behind them. */
    public void write(ByteBuf out) {
        out.writeBytes(bytes, 0, lineStart);
    }

    /** Hands over each, in their order. */
    public void forEach(Each to) {
        for (int at = 0; at < lineStart; ) {
            int colon = at;
            while (bytes[colon] != ':') {
                colon++;
            }
            int end = colon;
            while (bytes[end] != '\r') {
                end++;
            }
            to.field(bytes, at, colon, colon + 2, end);
            at = end + 2;
        }
    }
}
