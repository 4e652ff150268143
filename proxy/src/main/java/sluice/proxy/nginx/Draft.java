package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The {@code proxy.toml} that is being written: keys with values, in tables, each with where it came from. */
final class Draft {
    private static final int COMMENT_COLUMN = 50;

    private final List<Entry> entries = new ArrayList<>();

    private record Entry(String table, String line, String comment) {}

    /** Writes a key. Its value is TOML. */
    void put(String table, String key, String value, String comment) {
        entries.add(new Entry(table, key + " = " + value, comment));
    }

    /** Marks a key that a person has to fill in: as a comment, so that {@code check} says that it is missing. */
    void missing(String table, String key, String example, String comment) {
        entries.add(new Entry(table, "# " + key + " = " + example, "FILL IN: " + comment));
    }

    /** The file, in the order in which the tables are given. {@code name#1} is a table in the list {@code name}. */
    String text(String header, List<String> tables) {
        StringBuilder text = new StringBuilder();
        header.lines()
                .forEach(line ->
                        text.append(line.isEmpty() ? "#" : "# " + comment(line)).append('\n'));
        for (String table : tables) {
            List<Entry> inside = entries.stream()
                    .filter(entry -> entry.table().equals(table))
                    .toList();
            if (!inside.isEmpty()) {
                text.append('\n').append(title(table));
                inside.forEach(entry -> text.append(line(entry)));
            }
        }
        return text.toString();
    }

    private static String title(String table) {
        int number = table.indexOf('#');
        if (number >= 0) {
            return "[[" + table.substring(0, number) + "]]\n";
        }
        return table.isEmpty() ? "" : "[" + table + "]\n";
    }

    private static String line(Entry entry) {
        String padding = " ".repeat(Math.max(1, COMMENT_COLUMN - entry.line().length()));
        return entry.line() + padding + "# " + comment(entry.comment()) + "\n";
    }

    /** TOML has no control characters in comments. */
    private static String comment(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    /** A basic string of TOML 1.0. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    static String list(List<String> texts) {
        return texts.stream().map(Draft::quoted).collect(Collectors.joining(", ", "[", "]"));
    }
}
