package sluice.demo.screen;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import sluice.demo.load.Sample;

/**
 * Latency over time, as bars: a column is a slice of time, and its height the longest time that a request took which was
 * sent in it. Writes and reads have the same scale.
 *
 * @param from where the picture begins, {@link System#nanoTime()}
 * @param to where it ends
 * @param holdStart where the hold begins
 * @param holdEnd where it ends
 * @param columns width of the bars, without the scale
 * @param rows height of the bars of each kind
 */
public record Picture(long from, long to, long holdStart, long holdEnd, int columns, int rows) {
    private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";
    private static final int SCALE_WIDTH = 9;
    private static final double[] STEPS = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};

    public List<String> draw(Collection<Sample> samples) {
        double[] writes = longest(samples, Sample.Kind.WRITE);
        double[] reads = longest(samples, Sample.Kind.READ);
        double top = 1;
        for (int i = 0; i < columns; i++) {
            top = Math.max(top, Math.max(writes[i], reads[i]));
        }
        top = roundUp(top);
        List<String> lines = new ArrayList<>();
        lines.add("writes");
        bars(writes, top, lines);
        lines.add("reads");
        bars(reads, top, lines);
        lines.add(hold());
        lines.add(axis());
        return lines;
    }

    /** Longest milliseconds a column; -1 where nothing was sent. */
    private double[] longest(Collection<Sample> samples, Sample.Kind kind) {
        double[] found = new double[columns];
        java.util.Arrays.fill(found, -1);
        for (Sample sample : samples) {
            if (sample.kind() == kind && sample.start() >= from && sample.start() < to) {
                int column = column(sample.start());
                found[column] = Math.max(found[column], sample.nanos() / 1e6);
            }
        }
        return found;
    }

    private int column(long nanos) {
        return (int) Math.min(columns - 1, Math.max(0, (nanos - from) * columns / (to - from)));
    }

    private void bars(double[] values, double top, List<String> lines) {
        for (int row = rows - 1; row >= 0; row--) {
            StringBuilder line = new StringBuilder();
            boolean labelled = row == rows - 1 || row == rows / 2 - 1;
            String label = labelled ? String.format(Locale.ROOT, "%.0f ms", top * (row + 1) / rows) : "";
            line.append(" ".repeat(SCALE_WIDTH - 1 - label.length()))
                    .append(label)
                    .append(labelled ? '┤' : '│');
            for (double value : values) {
                line.append(cell(value, top, row));
            }
            lines.add(line.toString().stripTrailing());
        }
    }

    private char cell(double value, double top, int row) {
        if (value < 0) {
            return ' ';
        }
        // At least the thinnest bar wherever there was a request.
        long eighths = Math.max(1, Math.round(value / top * rows * 8)) - row * 8L;
        return EIGHTHS.charAt((int) Math.min(8, Math.max(0, eighths)));
    }

    private String hold() {
        int first = column(holdStart);
        int last = Math.max(first + 1, column(holdEnd));
        String label = String.format(Locale.ROOT, " hold %.0f ms ", (holdEnd - holdStart) / 1e6);
        int inside = last - first - 1;
        StringBuilder line = new StringBuilder(" ".repeat(SCALE_WIDTH + first)).append('╰');
        if (label.length() <= inside) {
            int left = (inside - label.length()) / 2;
            line.append("─".repeat(left)).append(label).append("─".repeat(inside - label.length() - left));
            return line.append('╯').toString();
        }
        return line.append("─".repeat(inside))
                .append('╯')
                .append(label)
                .toString()
                .stripTrailing();
    }

    private String axis() {
        StringBuilder line = new StringBuilder(" ".repeat(SCALE_WIDTH + columns + 8));
        for (int quarter = 0; quarter <= 4; quarter++) {
            long at = from + (to - from) / 4 * quarter;
            String label = String.format(Locale.ROOT, "%+.1f s", Math.round((at - holdStart) / 1e8) / 10.0);
            int column = SCALE_WIDTH + columns * quarter / 4;
            line.replace(column, column + label.length(), label);
        }
        return line.toString().stripTrailing();
    }

    private static double roundUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : STEPS) {
            if (step * power >= value) {
                return step * power;
            }
        }
        return value;
    }
}
