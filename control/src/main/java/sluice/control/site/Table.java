package sluice.control.site;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One table of a TOML file while it is read. A value that is missing or wrong is noted and a stand-in is returned, so
 * that reading goes on and every mistake is found at once; {@link #end} notes the keys that nobody asked for.
 */
final class Table {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(B|KiB|MiB|GiB)");

    private final String file;
    private final String path;
    private final @Nullable JsonNode node;
    private final List<String> mistakes;
    private final Set<String> known = new LinkedHashSet<>();

    /** @param node what the file has at {@code path}, or null if it has nothing there */
    Table(String file, String path, @Nullable JsonNode node, List<String> mistakes) {
        this.file = file;
        this.path = path;
        this.mistakes = mistakes;
        if (node != null && !node.isObject()) {
            mistakes.add(file + ": " + path + " must be a table, [" + path + "]");
            node = null;
        }
        this.node = node;
    }

    Table table(String key, boolean required) {
        JsonNode value = value(key);
        // A table in a missing one has been reported with that.
        if (value == null && required && node != null) {
            mistake(key, "is missing; there must be a table [" + full(key) + "]");
        }
        return new Table(file, full(key), value, mistakes);
    }

    /** An array of tables; it may be missing. */
    List<Table> tables(String key) {
        JsonNode value = value(key);
        List<Table> tables = new ArrayList<>();
        if (value == null) {
            return tables;
        }
        if (!value.isArray()) {
            mistake(key, "must be an array of tables, [[" + full(key) + "]]");
            return tables;
        }
        for (int i = 0; i < value.size(); i++) {
            tables.add(new Table(file, full(key) + "[" + i + "]", value.get(i), mistakes));
        }
        return tables;
    }

    boolean has(String key) {
        known.add(key);
        return node != null && node.has(key);
    }

    String text(String key, String example) {
        return optionalText(key).orElseGet(() -> {
            missing(key, "\"" + example + "\"");
            return example;
        });
    }

    String text(String key, String fallback, Pattern pattern, String right) {
        String text = optionalText(key).orElse(fallback);
        if (!pattern.matcher(text).matches()) {
            mistake(key, "= \"" + text + "\" " + right);
        }
        return text;
    }

    Optional<String> optionalText(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            mistake(key, "= " + value + " must be a text in quotes");
            // It is there, only wrong: not to be reported as missing as well.
            return Optional.of(value.asText());
        }
        return Optional.of(value.asText());
    }

    Path path(String key, String example) {
        Path path = Path.of(text(key, example));
        if (!path.isAbsolute()) {
            mistake(key, "= \"" + path + "\" must be an absolute path, for example \"" + example + "\"");
        }
        return path;
    }

    @Nullable
    Path optionalPath(String key, String example) {
        Optional<String> text = optionalText(key);
        return text.isEmpty() || text.get().isEmpty() ? null : path(key, example);
    }

    PostgresUrl postgresUrl(String key, String example) {
        String text = text(key, example);
        try {
            return PostgresUrl.parse(text);
        } catch (IllegalArgumentException e) {
            // The value is not shown: it may hold a password.
            mistake(key, e.getMessage());
            return PostgresUrl.parse(example);
        }
    }

    Duration duration(String key, String fallback) {
        String text = optionalText(key).orElse(fallback);
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            mistake(
                    key,
                    "= \"" + text + "\" is no duration above zero; right is for example \"" + fallback
                            + "\" (ms, s, m, h)");
            return Duration.ofSeconds(1);
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    long size(String key, String fallback) {
        String text = optionalText(key).orElse(fallback);
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            mistake(key, "= \"" + text + "\" is no size; right is for example \"" + fallback + "\" (B, KiB, MiB, GiB)");
            return 0;
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "B" -> number;
            case "KiB" -> number << 10;
            case "MiB" -> number << 20;
            default -> number << 30;
        };
    }

    List<String> texts(String key) {
        JsonNode value = value(key);
        List<String> texts = new ArrayList<>();
        if (value == null) {
            return texts;
        }
        if (!value.isArray()) {
            mistake(key, "must be a list of texts, for example [\"-c shared_buffers=1GB\"]");
            return texts;
        }
        for (JsonNode element : value) {
            if (element.isTextual()) {
                texts.add(element.asText());
            } else {
                mistake(key, "holds " + element + ", which is not a text in quotes");
            }
        }
        return texts;
    }

    /** A table whose keys are names of somebody else's, with texts in it; in the file's order. */
    Map<String, String> textTable(String key) {
        JsonNode value = value(key);
        Map<String, String> texts = new LinkedHashMap<>();
        if (value == null) {
            return texts;
        }
        if (!value.isObject()) {
            mistake(key, "must be a table of texts, for example { DB_HOST = \"localhost\" }");
            return texts;
        }
        value.properties().forEach(each -> {
            if (each.getValue().isTextual()) {
                texts.put(each.getKey(), each.getValue().asText());
            } else {
                mistake(key + "." + each.getKey(), "= " + each.getValue() + " must be a text in quotes");
            }
        });
        return Collections.unmodifiableMap(texts);
    }

    /** Notes a mistake at a key of this table. */
    void mistake(String key, @Nullable String what) {
        mistakes.add(file + ": " + full(key) + " " + what);
    }

    /** Notes every key that nobody asked for. */
    void end() {
        if (node == null) {
            return;
        }
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                mistake(key, "is not known; known here are " + String.join(", ", known));
            }
        });
    }

    private @Nullable JsonNode value(String key) {
        known.add(key);
        return node == null ? null : node.get(key);
    }

    private void missing(String key, String example) {
        // A missing table has been reported as such.
        if (node != null) {
            mistake(key, "is missing; for example " + key + " = " + example);
        }
    }

    private String full(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
