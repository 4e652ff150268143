package sluice.proxy.files;

import java.nio.charset.StandardCharsets;
import java.util.Collection;

/**
 * The names directly in the public folder, to be asked with a piece of a request head: most requests are for something that cannot
 * be a file, and they should not pay for files. Immutable; allocates nothing when asked.
 */
final class TopNames {
    private final byte[][] table;

    TopNames(Collection<String> names) {
        int size = Integer.highestOneBit(Math.max(4, names.size()) * 4);
        table = new byte[size][];
        for (String name : names) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            int at = hash(bytes, 0, bytes.length) & (size - 1);
            while (table[at] != null) {
                at = (at + 1) & (size - 1);
            }
            table[at] = bytes;
        }
    }

    /**
     * Whether a path may name something in the folder. A first segment that would have to be decoded or resolved may.
     *
     * @param start where its slash is
     */
    boolean mayHave(byte[] head, int start, int end) {
        int from = start + 1;
        int to = from;
        while (to < end && head[to] != '/') {
            if (head[to] == '%') {
                return true;
            }
            to++;
        }
        if (from == to) {
            // The root itself is no file; two slashes are to be merged first.
            return to < end;
        }
        if (head[from] == '.') {
            return true;
        }
        int mask = table.length - 1;
        int at = hash(head, from, to) & mask;
        byte[] name = table[at];
        while (name != null) {
            if (java.util.Arrays.equals(name, 0, name.length, head, from, to)) {
                return true;
            }
            at = (at + 1) & mask;
            name = table[at];
        }
        return false;
    }

    private static int hash(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash ^ hash >>> 15;
    }
}
