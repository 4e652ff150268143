package sluice.proxy.upstream;

import java.util.Arrays;

/**
 * Where the fields of a head lie in its bytes, and which they are. Fields are numbered in their order. One object is used for
 * many heads, one after another; confined to its event loop.
 */
final class FieldTable {
    private static final int STRIDE = 5;
    /** Beside a field's kind: its line is {@code Name: value} as we would write it. */
    private static final int NORMAL = 1 << 8;

    /** For each: name start, name end, value start, value end, kind. */
    private int[] fields = new int[24 * STRIDE];

    private int count;
    /** One bit for each kind that is there. */
    private long kinds;

    void clear() {
        count = 0;
        kinds = 0;
    }

    /** @param normal whether the line needs no change to be passed on */
    void add(int nameStart, int nameEnd, int valueStart, int valueEnd, int kind, boolean normal) {
        int at = count * STRIDE;
        if (at == fields.length) {
            fields = Arrays.copyOf(fields, fields.length * 2);
        }
        fields[at] = nameStart;
        fields[at + 1] = nameEnd;
        fields[at + 2] = valueStart;
        fields[at + 3] = valueEnd;
        fields[at + 4] = normal ? kind | NORMAL : kind;
        count++;
        kinds |= Field.mask(kind);
    }

    /** Whether there is a field with this of {@link Field}'s numbers. */
    boolean has(int kind) {
        return (kinds & Field.mask(kind)) != 0;
    }

    int count() {
        return count;
    }

    /** Which of {@link Field}'s numbers it has. */
    int kind(int field) {
        return fields[field * STRIDE + 4] & 0xff;
    }

    int nameStart(int field) {
        return fields[field * STRIDE];
    }

    int nameEnd(int field) {
        return fields[field * STRIDE + 1];
    }

    /** From now on it is as if it were for this hop only. */
    void leaveOut(int field) {
        int at = field * STRIDE + 4;
        fields[at] = (fields[at] & NORMAL) | Field.NAMED;
    }

    int valueStart(int field) {
        return fields[field * STRIDE + 2];
    }

    int valueEnd(int field) {
        return fields[field * STRIDE + 3];
    }

    /** The first field of that name, from {@code from} on, or -1. The name is in lower case. */
    int find(byte[] bytes, byte[] name, int from) {
        for (int i = from; i < count; i++) {
            if (Octets.same(bytes, fields[i * STRIDE], fields[i * STRIDE + 1], name)) {
                return i;
            }
        }
        return -1;
    }

    /** Marks what a Connection field names as for this hop only (RFC 9110 section 7.6.1). */
    void dropNamed(byte[] bytes) {
        for (int c = 0; c < count; c++) {
            if (kind(c) != Field.CONNECTION) {
                continue;
            }
            for (int f = 0; f < count; f++) {
                int at = f * STRIDE;
                // Only what means nothing to the framing or to the route can be hidden this way.
                if (kind(f) == Field.OTHER && listed(bytes, c, fields[at], fields[at + 1])) {
                    fields[at + 4] = (fields[at + 4] & NORMAL) | Field.NAMED;
                }
            }
        }
    }

    private boolean listed(byte[] bytes, int connection, int nameStart, int nameEnd) {
        int to = valueEnd(connection);
        int size = nameEnd - nameStart;
        for (int i = valueStart(connection); i + size <= to; i++) {
            boolean startsHere = i == valueStart(connection) || bytes[i - 1] == ',' || Octets.blank(bytes[i - 1]);
            boolean endsThere = i + size == to || bytes[i + size] == ',' || Octets.blank(bytes[i + size]);
            if (startsHere && endsThere && sameName(bytes, i, nameStart, size)) {
                return true;
            }
        }
        return false;
    }

    private static boolean sameName(byte[] bytes, int a, int b, int size) {
        for (int i = 0; i < size; i++) {
            if (Octets.lower(bytes[a + i]) != Octets.lower(bytes[b + i])) {
                return false;
            }
        }
        return true;
    }

    /** See {@link Head#writeFields}. */
    int write(byte[] bytes, long drop, byte[] out, int at) {
        int to = at;
        int runStart = -1;
        int runEnd = -1;
        for (int i = 0; i < count; i++) {
            int f = i * STRIDE;
            int kind = fields[f + 4];
            boolean kept = (drop >>> (kind & 0xff) & 1) == 0;
            if (kept && (kind & NORMAL) != 0) {
                if (runEnd != fields[f]) {
                    to = run(bytes, runStart, runEnd, out, to);
                    runStart = fields[f];
                }
                runEnd = fields[f + 3] + 2;
                continue;
            }
            to = run(bytes, runStart, runEnd, out, to);
            runStart = -1;
            runEnd = -1;
            if (kept) {
                to = run(bytes, fields[f], fields[f + 1], out, to);
                out[to++] = ':';
                out[to++] = ' ';
                to = run(bytes, fields[f + 2], fields[f + 3], out, to);
                out[to++] = '\r';
                out[to++] = '\n';
            }
        }
        return run(bytes, runStart, runEnd, out, to);
    }

    private static int run(byte[] bytes, int start, int end, byte[] out, int at) {
        if (start < 0) {
            return at;
        }
        System.arraycopy(bytes, start, out, at, end - start);
        return at + end - start;
    }
}
