package sluice.proxy.accesslog;

import java.util.Arrays;

/** Bytes that grow as lines are added. One thread at a time. */
final class LineBuffer {
    /** A buffer that one long line has made larger than that is not kept. */
    private static final int LARGEST_KEPT = 256 << 10;

    private final int first;
    private byte[] bytes;
    private int size;

    LineBuffer(int capacity) {
        first = capacity;
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    /** Takes everything out, as a copy. */
    byte[] take() {
        byte[] all = Arrays.copyOf(bytes, size);
        size = 0;
        if (bytes.length > LARGEST_KEPT) {
            bytes = new byte[first];
        }
        return all;
    }

    private void room(int n) {
        if (size + n > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + n, bytes.length * 2));
        }
    }

    LineBuffer put(int one) {
        room(1);
        bytes[size++] = (byte) one;
        return this;
    }

    LineBuffer put(byte[] from, int start, int end) {
        room(end - start);
        System.arraycopy(from, start, bytes, size, end - start);
        size += end - start;
        return this;
    }

    /** ASCII, as it is. */
    LineBuffer put(String ascii) {
        int n = ascii.length();
        room(n);
        for (int i = 0; i < n; i++) {
            bytes[size++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    /** A number that is not negative. */
    LineBuffer decimal(long number) {
        int digits = 1;
        for (long n = number; n >= 10; n /= 10) {
            digits++;
        }
        room(digits);
        long n = number;
        for (int at = size + digits - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + n % 10);
            n /= 10;
        }
        size += digits;
        return this;
    }
}
