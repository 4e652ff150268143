package sluice.control.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The text of a {@code postgresql.auto.conf}: settings are lifted out and put back line by line, all else stays as it
 * is. Syntax: PostgreSQL 15 documentation, 20.1.2. Immutable.
 */
record AutoConf(List<String> lines) {
    private static final Pattern SETTING = Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_$.]*)(?:\\s*=|\\s).*");

    AutoConf {
        lines = List.copyOf(lines);
    }

    static AutoConf parse(String text) {
        return new AutoConf(text.isEmpty() ? List.of() : text.lines().toList());
    }

    /** The lines that set one of these, as they stand. */
    List<String> of(Set<String> names) {
        return lines.stream().filter(line -> sets(line, names)).toList();
    }

    /** Without any line that sets one of these, and with the given lines at the end. */
    AutoConf with(Set<String> names, List<String> replacement) {
        return new AutoConf(Stream.concat(lines.stream().filter(line -> !sets(line, names)), replacement.stream())
                .toList());
    }

    /** Lines that set these values. */
    static List<String> setting(Map<String, String> values) {
        List<String> lines = new ArrayList<>();
        values.forEach((name, value) -> lines.add(name + " = " + quoted(value)));
        return lines;
    }

    String text() {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private static boolean sets(String line, Set<String> names) {
        Matcher matcher = SETTING.matcher(line);
        return matcher.matches() && names.contains(matcher.group(1).toLowerCase(Locale.ROOT));
    }

    /** As the server's own ALTER SYSTEM writes it: quotes and backslashes doubled. */
    private static String quoted(String value) {
        if (value.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a setting is one line: " + value);
        }
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
