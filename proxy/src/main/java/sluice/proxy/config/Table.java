package sluice.proxy.config;

import static sluice.proxy.config.Quantities.shown;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One table of the file while it is read. Every mistake goes to the {@link Findings}; a value that is wrong is replaced by
 * the fallback, so that reading goes on and finds the others.
 */
final class Table {
    private final ObjectNode node;
    private final String path;
    private final Findings findings;

    Table(ObjectNode node, String path, Findings findings) {
        this.node = node;
        this.path = path;
        this.findings = findings;
        findings.table(path, node);
    }

    Table table(String key) {
        JsonNode value = take(key);
        if (value instanceof ObjectNode inner) {
            return new Table(inner, key(key), findings);
        }
        if (value != null) {
            report(key, shown(value) + " is not a table", "write [" + key(key) + "] and its keys below");
        }
        return new Table(JsonNodeFactory.instance.objectNode(), key(key), findings);
    }

    /** The tables of {@code [[key]]}, in their order. */
    List<Table> tables(String key, int most) {
        JsonNode value = take(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray()) {
            report(key, shown(value) + " is not a list of tables", "write [[" + key(key) + "]] and its keys below");
            return List.of();
        }
        if (value.size() > most) {
            report(key, "there are " + value.size() + " of them", "make it at most " + most);
        }
        List<Table> tables = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            String at = key + "[" + i + "]";
            if (value.get(i) instanceof ObjectNode inner) {
                tables.add(new Table(inner, key(at), findings));
            } else {
                report(at, shown(value.get(i)) + " is not a table", "write [[" + key(key) + "]] and its keys below");
            }
        }
        return tables;
    }

    <T> T get(String key, Form<T> form, T fallback) {
        T value = get(key, form);
        return value == null ? fallback : value;
    }

    /** The value, or null when there is none or when it is wrong. */
    <T> @Nullable T get(String key, Form<T> form) {
        JsonNode value = take(key);
        return value == null ? null : read(key, value, form);
    }

    <T> T required(String key, Form<T> form, T placeholder, String right) {
        if (!has(key)) {
            take(key);
            report(key, "is missing", right);
            return placeholder;
        }
        return get(key, form, placeholder);
    }

    <T> List<T> list(String key, Form<T> form, List<T> fallback) {
        JsonNode value = take(key);
        if (value == null) {
            return fallback;
        }
        if (!value.isArray()) {
            report(key, shown(value) + " is not a list", "write [" + shown(value) + "]");
            return fallback;
        }
        List<T> list = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            T item = read(key + "[" + i + "]", value.get(i), form);
            if (item != null) {
                list.add(item);
            }
        }
        return List.copyOf(list);
    }

    boolean has(String key) {
        return node.has(key);
    }

    /** The value as it stands in the file; counts as known from now on. */
    @Nullable
    JsonNode take(String key) {
        findings.known(path, key);
        return node.get(key);
    }

    void report(String key, String found, String right) {
        findings.report(key(key), found, right);
    }

    /** Says what is wrong with the table as a whole. */
    void reportWhole(String found, String right) {
        findings.report(path, found, right);
    }

    /** Where the table stands, such as {@code rules[2]}. */
    String path() {
        return path;
    }

    private <T> @Nullable T read(String key, JsonNode value, Form<T> form) {
        try {
            return form.read(value);
        } catch (Mistake mistake) {
            report(key, mistake.found(), mistake.right());
            return null;
        }
    }

    private String key(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
