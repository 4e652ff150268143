package sluice.proxy.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What differs, and the table of what is meant to differ, with the reasons. */
final class Differences {
    private static final String TABLE = "nginx-differences.txt";
    private static final Pattern ROW = Pattern.compile("(\\d+) x (.+?) => ([^:]+): (.*) -> (.*)");

    /** One thing that differs. */
    record Difference(String name, String what, String nginx, String here) {
        @Override
        public String toString() {
            return name + " => " + what + ": " + nginx + " -> " + here;
        }
    }

    /** A row of the table: patterns where * is anything, and how many differences it stands for. */
    private record Row(int count, Pattern name, Pattern what, Pattern nginx, Pattern here, String text) {
        boolean isFor(Difference difference) {
            return name.matcher(difference.name).matches()
                    && what.matcher(difference.what).matches()
                    && nginx.matcher(difference.nginx).matches()
                    && here.matcher(difference.here).matches();
        }
    }

    private final List<Row> rows = new ArrayList<>();

    /** Reads the table. A row below no reason is a mistake in it. */
    Differences() throws IOException {
        try (InputStream in = Differences.class.getResourceAsStream(TABLE)) {
            boolean reason = false;
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                Matcher row = ROW.matcher(line);
                if (line.isBlank()) {
                    reason = false;
                } else if (line.startsWith("#")) {
                    reason = true;
                } else if (!row.matches() || !reason) {
                    throw new IOException(TABLE + ": no row, or no reason above it: " + line);
                } else {
                    rows.add(new Row(
                            Integer.parseInt(row.group(1)),
                            glob(row.group(2)),
                            glob(row.group(3)),
                            glob(row.group(4)),
                            glob(row.group(5)),
                            line));
                }
            }
        }
    }

    private static Pattern glob(String text) {
        return Pattern.compile(
                Pattern.compile("[^*]+")
                        .matcher(text)
                        .replaceAll(part -> Matcher.quoteReplacement(Pattern.quote(part.group())))
                        .replace("*", ".*"),
                Pattern.DOTALL);
    }

    /** What is wrong with the table: differences that no row stands for, and rows for more or fewer than they say. */
    List<String> wrong(List<Difference> differences) {
        Map<Row, Integer> found = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        for (Difference difference : differences) {
            Row row = rows.stream()
                    .filter(any -> any.isFor(difference))
                    .findFirst()
                    .orElse(null);
            if (row == null) {
                wrong.add("not in the table: " + difference);
            } else {
                found.merge(row, 1, Integer::sum);
            }
        }
        for (Row row : rows) {
            int count = found.getOrDefault(row, 0);
            if (count != row.count) {
                wrong.add("in the table, but " + count + " times: " + row.text);
            }
        }
        return wrong;
    }

    /**
     * How two servers differ in what was seen. Where the statuses differ, nothing else is said of the answers; where one asked the site and
     * the other did not, nothing else of what was asked.
     */
    static List<Difference> between(String name, Map<String, String> nginx, Map<String, String> here) {
        List<Difference> all = new ArrayList<>();
        boolean answers = statuses(nginx).equals(statuses(here));
        boolean asked = nginx.get("upstream").equals(here.get("upstream"));
        if (!answers) {
            all.add(new Difference(name, "status", statuses(nginx), statuses(here)));
        }
        TreeSet<String> keys = new TreeSet<>(nginx.keySet());
        keys.addAll(here.keySet());
        for (String key : keys) {
            String one = nginx.getOrDefault(key, "none");
            String other = here.getOrDefault(key, "none");
            boolean counts = key.equals("upstream")
                    || (key.startsWith("upstream ")
                            ? asked
                            : key.equals("end") || (answers && !key.startsWith("status")));
            if (counts && !one.equals(other)) {
                all.add(new Difference(name, key, one, other));
            }
        }
        return all;
    }

    private static String statuses(Map<String, String> seen) {
        String all = seen.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("status"))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining(" "));
        return all.isEmpty() ? "none" : all;
    }
}
