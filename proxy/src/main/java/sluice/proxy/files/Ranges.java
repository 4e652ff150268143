package sluice.proxy.files;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads Range (RFC 9110 section 14.2) the way nginx does. */
final class Ranges {
    /** More than these get the whole: each costs a read. */
    private static final int MOST = 32;

    private static final int LONGEST_NUMBER = 18;

    /** Bytes from {@code from} up to, but without, {@code to}. */
    record Part(long from, long to) {}

    /** Thrown where a number or a sign is missing. */
    private static final class Malformed extends Exception {
        Malformed() {
            super(null, null, false, false);
        }
    }

    private final String text;
    private int at;

    private Ranges(String text) {
        this.text = text;
    }

    /**
     * The parts that are asked for.
     *
     * @return null for the whole: another unit, nothing behind it, or so many parts that the whole is less; empty when it cannot be satisfied (416),
     *     also when it is malformed, as nginx has it and RFC 9110 section 14.2 allows
     */
    static @Nullable List<Part> of(String range, long size) {
        if (range.length() < 7 || !range.regionMatches(true, 0, "bytes=", 0, 6)) {
            return null;
        }
        try {
            return new Ranges(range.substring(6)).parts(size);
        } catch (Malformed e) {
            return List.of();
        }
    }

    private @Nullable List<Part> parts(long size) throws Malformed {
        List<Part> parts = new ArrayList<>();
        long sum = 0;
        do {
            Part part = part(size);
            if (part.from < part.to) {
                parts.add(part);
                sum += part.to - part.from;
                if (parts.size() > MOST) {
                    return null;
                }
            } else if (part.from == 0) {
                return null;
            }
        } while (next(','));
        return sum > size ? null : parts;
    }

    private Part part(long size) throws Malformed {
        blanks();
        if (next('-')) {
            long suffix = number();
            end();
            return new Part(Math.max(0, size - suffix), size);
        }
        long from = number();
        blanks();
        if (!next('-')) {
            throw new Malformed();
        }
        blanks();
        if (at == text.length() || text.charAt(at) == ',') {
            return new Part(from, size);
        }
        long to = number();
        end();
        return new Part(from, to >= size ? size : to + 1);
    }

    private void end() throws Malformed {
        blanks();
        if (at < text.length() && text.charAt(at) != ',') {
            throw new Malformed();
        }
    }

    private boolean next(char c) {
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void blanks() {
        while (next(' ')) {
            // nothing else
        }
    }

    private long number() throws Malformed {
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (from == at || at - from > LONGEST_NUMBER) {
            throw new Malformed();
        }
        return Long.parseLong(text, from, at, 10);
    }
}
