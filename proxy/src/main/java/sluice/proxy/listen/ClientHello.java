package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the name that a client asks for in the first message of a TLS handshake (RFC 8446 section 4.1.2, RFC 6066 section 3), which
 * may be spread over records and over reads. Looks at each byte once. What is no such message has no name: whoever speaks TLS
 * says so to the client.
 */
final class ClientHello {
    /** Of the records together. With every post-quantum share known today it has less than 4 KiB. */
    static final int LONGEST = 16 * 1024;

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    /** RFC 8446 section 5.1. */
    private static final int LONGEST_RECORD = 1 << 14;

    private static final int MESSAGE_HEADER = 4;
    private static final int SERVER_NAME = 0;
    private static final int HOST_NAME = 0;

    private byte[] message = new byte[512];
    private int length;
    private final byte[] header = new byte[RECORD_HEADER];
    private int headerLength;
    private int recordLeft;
    private int total;
    private boolean complete;
    private @Nullable String name;

    /** Looks at further bytes, without reading them. Returns whether it knows what there is to know. */
    boolean feed(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to && !complete) {
            if (recordLeft == 0) {
                header[headerLength++] = in.getByte(at++);
                if (headerLength == RECORD_HEADER) {
                    record();
                }
                continue;
            }
            int n = Math.min(recordLeft, to - at);
            if (length + n > message.length) {
                message = Arrays.copyOf(message, Math.max(length + n, message.length * 2));
            }
            in.getBytes(at, message, length, n);
            length += n;
            recordLeft -= n;
            at += n;
            message();
        }
        total += to - from;
        return complete;
    }

    /** Whether more has come than anybody needs, and it is still not complete. */
    boolean tooLong() {
        return !complete && total >= LONGEST;
    }

    /** In lower case; null when there is none, or when this is no TLS. */
    @Nullable
    String name() {
        return name;
    }

    private void record() {
        headerLength = 0;
        recordLeft = ((header[3] & 0xff) << 8) | (header[4] & 0xff);
        // No other record may come before the end of the message (RFC 8446 section 5.1), nor an empty one.
        complete = header[0] != HANDSHAKE || header[1] != 3 || recordLeft == 0 || recordLeft > LONGEST_RECORD;
    }

    private void message() {
        if (message[0] != CLIENT_HELLO) {
            complete = true;
        } else if (length >= MESSAGE_HEADER) {
            int size = ((message[1] & 0xff) << 16) | number(2);
            if (length >= MESSAGE_HEADER + size) {
                complete = true;
                name = serverName(MESSAGE_HEADER + size);
            }
        }
    }

    /** Walks over version, random, session, ciphers and compression to the extensions. */
    private @Nullable String serverName(int end) {
        int at = MESSAGE_HEADER + 2 + 32;
        at = behind(at, 1, end);
        at = behind(at, 2, end);
        at = behind(at, 1, end);
        if (at < 0 || at + 2 > end || at + 2 + number(at) != end) {
            return null;
        }
        at += 2;
        while (at + 4 <= end) {
            int next = behind(at + 2, 2, end);
            if (next < 0) {
                return null;
            }
            if (number(at) == SERVER_NAME) {
                return hostName(at + 4, next);
            }
            at = next;
        }
        return null;
    }

    /** RFC 6066 section 3: a list with one name. */
    private @Nullable String hostName(int at, int end) {
        if (at + 5 > end
                || at + 2 + number(at) != end
                || message[at + 2] != HOST_NAME
                || at + 5 + number(at + 3) != end) {
            return null;
        }
        for (int i = at + 5; i < end; i++) {
            boolean known = (message[i] >= 'a' && message[i] <= 'z')
                    || (message[i] >= 'A' && message[i] <= 'Z')
                    || (message[i] >= '0' && message[i] <= '9')
                    || message[i] == '-'
                    || message[i] == '_'
                    || message[i] == '.';
            if (!known) {
                return null;
            }
        }
        String host = new String(message, at + 5, end - at - 5, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        return host.isEmpty() ? null : host;
    }

    /** Where a field ends that begins with its length in one or two bytes; -1 when it goes beyond the end. */
    private int behind(int at, int lengthBytes, int end) {
        if (at < 0 || at + lengthBytes > end) {
            return -1;
        }
        int size = lengthBytes == 1 ? message[at] & 0xff : number(at);
        int next = at + lengthBytes + size;
        return next > end ? -1 : next;
    }

    private int number(int at) {
        return ((message[at] & 0xff) << 8) | (message[at + 1] & 0xff);
    }
}
