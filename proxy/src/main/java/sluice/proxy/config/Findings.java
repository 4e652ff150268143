package sluice.proxy.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is wrong in one file, and which keys it may have. */
final class Findings {
    private final Path file;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, ObjectNode> tables = new LinkedHashMap<>();
    private final Map<String, Set<String>> known = new LinkedHashMap<>();

    Findings(Path file) {
        this.file = file;
    }

    void table(String path, ObjectNode node) {
        tables.put(path, node);
    }

    void known(String path, String key) {
        known.computeIfAbsent(path, p -> new TreeSet<>()).add(key);
    }

    void report(String key, String found, String right) {
        problems.add(new Problem(file, key, found, right));
    }

    /** Reports the keys that nobody asked for. To be called when everything has been read. */
    void reportUnknownKeys() {
        tables.forEach((path, node) -> node.fieldNames().forEachRemaining(key -> {
            Set<String> here = known.getOrDefault(path, Set.of());
            if (!here.contains(key)) {
                report(path.isEmpty() ? key : path + "." + key, "is not a known key", suggestion(path, key, here));
            }
        }));
    }

    void throwIfAny() throws ConfigException {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    private String suggestion(String path, String key, Set<String> here) {
        String nearest = nearest(key, here);
        if (nearest != null) {
            return "did you mean " + nearest + "?";
        }
        for (Map.Entry<String, Set<String>> other : known.entrySet()) {
            if (!other.getKey().equals(path) && other.getValue().contains(key)) {
                return other.getKey().isEmpty()
                        ? "it belongs at the top, above the first [table]"
                        : "it belongs to [" + other.getKey() + "]";
            }
        }
        return "known here: " + String.join(", ", here);
    }

    private static @Nullable String nearest(String key, Set<String> candidates) {
        String nearest = null;
        int least = Math.max(1, key.length() / 3) + 1;
        for (String candidate : candidates) {
            int distance = distance(key, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** Levenshtein's distance: how many letters must be put in, taken out or changed. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
