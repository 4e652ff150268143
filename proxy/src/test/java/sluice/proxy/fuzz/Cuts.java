package sluice.proxy.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Cuts bytes into pieces, as a network would. The same seed always cuts alike. */
public final class Cuts {
    /** More would only be slower. */
    private static final int MOST = 20;

    private Cuts() {}

    /** The pieces in their order, at most {@value #MOST}; none is empty. */
    public static List<byte[]> of(byte[] bytes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeSet<Integer> ends = new TreeSet<>();
        ends.add(bytes.length);
        int cuts = Math.min(bytes.length, random.nextInt(MOST));
        // Byte by byte in one place, or anywhere.
        int from = random.nextBoolean() ? random.nextInt(bytes.length + 1) : -1;
        for (int i = 0; i < cuts; i++) {
            ends.add(from < 0 ? random.nextInt(bytes.length + 1) : Math.min(bytes.length, from + i));
        }
        ends.remove(0);
        List<byte[]> pieces = new ArrayList<>();
        int at = 0;
        for (int end : ends) {
            pieces.add(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        return pieces;
    }

    /** Without the time of day: what the proxy dates itself is not the same a second later. */
    public static String undated(String answers) {
        return answers.replaceAll("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT", "(now)");
    }
}
