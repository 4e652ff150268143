package sluice.proxy.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes the name of a file of a request's path: percent escapes are decoded once, slashes merged and dot segments resolved, as nginx
 * does it. What comes out begins with a slash and has neither an empty nor a dot segment, so it cannot lead out of any folder by
 * its text.
 */
final class FileName {
    /** PATH_MAX of Linux, with the root's own length left out: the system refuses what is still too long. */
    private static final int LONGEST = 4096;

    private FileName() {}

    /**
     * The name that a path stands for.
     *
     * @return null when it is none: a broken escape, a control character or NUL, a backslash, no UTF-8, above the root, a hidden file
     *     (but for {@code /.well-known/}), too long
     */
    static @Nullable String of(byte[] bytes, int start, int end) {
        if (end - start > LONGEST || start == end || bytes[start] != '/') {
            return null;
        }
        byte[] decoded = new byte[end - start];
        int n = decode(bytes, start, end, decoded);
        if (n < 0) {
            return null;
        }
        n = resolve(decoded, n);
        if (n < 0 || hidden(decoded, n)) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded, 0, n))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Decodes each escape once. Returns the length, or -1. */
    private static int decode(byte[] from, int start, int end, byte[] to) {
        int n = 0;
        for (int i = start; i < end; i++) {
            byte b = from[i];
            if (b == '%') {
                if (i + 2 >= end) {
                    return -1;
                }
                int high = Character.digit(from[i + 1], 16);
                int low = Character.digit(from[i + 2], 16);
                if (high < 0 || low < 0) {
                    return -1;
                }
                b = (byte) (high << 4 | low);
                i += 2;
            }
            if ((b >= 0 && b < ' ') || b == 0x7f || b == '\\') {
                return -1;
            }
            to[n++] = b;
        }
        return n;
    }

    /** Merges slashes and resolves dot segments, in place. Returns the length, or -1 when it goes above the root. */
    private static int resolve(byte[] b, int length) {
        int out = 0;
        int i = 0;
        while (i < length) {
            // b[i] is a slash here.
            int from = i + 1;
            int to = from;
            while (to < length && b[to] != '/') {
                to++;
            }
            int size = to - from;
            boolean last = to == length;
            if (size == 0 || (size == 1 && b[from] == '.')) {
                if (last) {
                    b[out++] = '/';
                }
            } else if (size == 2 && b[from] == '.' && b[from + 1] == '.') {
                if (out == 0) {
                    return -1;
                }
                do {
                    out--;
                } while (b[out] != '/');
                if (last) {
                    b[out++] = '/';
                }
            } else {
                b[out++] = '/';
                System.arraycopy(b, from, b, out, size);
                out += size;
            }
            i = to;
        }
        return out;
    }

    private static boolean hidden(byte[] b, int length) {
        for (int i = 0; i + 1 < length; i++) {
            if (b[i] == '/' && b[i + 1] == '.' && !(i == 0 && wellKnown(b, length))) {
                return true;
            }
        }
        return false;
    }

    /** RFC 8615. */
    private static boolean wellKnown(byte[] b, int length) {
        String name = "/.well-known/";
        if (length < name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (b[i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
