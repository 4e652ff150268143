package sluice.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of a call, from its query and from a JSON object in its body; a name may come from one of them only. */
final class Parameters {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    /**
     * @param query the parameters of the query
     * @param body empty, or a JSON object whose values are strings, numbers, booleans or lists of those
     */
    Parameters(Map<String, List<String>> query, String body) {
        query.forEach((name, all) -> values.put(name, List.copyOf(all)));
        if (body.isBlank()) {
            return;
        }
        JsonNode root = parse(body);
        if (!root.isObject()) {
            throw Problem.invalid("the body is not a JSON object");
        }
        root.properties().forEach(field -> {
            if (values.containsKey(field.getKey())) {
                throw Problem.invalid(field.getKey() + ": given twice, in the query and in the body");
            }
            List<String> texts = texts(field.getKey(), field.getValue());
            if (!field.getValue().isNull()) {
                values.put(field.getKey(), texts);
            }
        });
    }

    /** Refuses every parameter that is not one of these, naming it. */
    void allow(String... names) {
        Collection<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(List.of(names));
        if (!unknown.isEmpty()) {
            throw new Problem(
                    400,
                    "unknown parameter",
                    "unknown: " + String.join(", ", unknown) + "; this call takes "
                            + (names.length == 0 ? "none" : String.join(", ", names)));
        }
    }

    @Nullable
    String text(String name) {
        List<String> all = values.get(name);
        if (all == null) {
            return null;
        }
        if (all.size() != 1) {
            throw Problem.invalid(name + ": one value, not " + all.size());
        }
        return all.get(0);
    }

    String text(String name, String otherwise) {
        String text = text(name);
        return text == null ? otherwise : text;
    }

    /** All values of a name, in order; in a query it may be repeated. */
    List<String> texts(String name) {
        return values.getOrDefault(name, List.of());
    }

    boolean flag(String name) {
        return switch (text(name, "false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Problem.invalid(name + ": true or false, not " + text(name));
        };
    }

    @Nullable
    Duration duration(String name) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw Problem.invalid(name + ": a number with ms, s, m or h, such as 20s or 500ms, not " + text);
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    Duration duration(String name, Duration otherwise) {
        Duration duration = duration(name);
        return duration == null ? otherwise : duration;
    }

    /** One of an enum, by its name in small letters. */
    <E extends Enum<E>> @Nullable E choice(String name, Class<E> all) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (E one : all.getEnumConstants()) {
            String label = one.name().toLowerCase(Locale.ROOT);
            if (label.equals(text)) {
                return one;
            }
            names.add(label);
        }
        throw Problem.invalid(name + ": " + String.join(" or ", names) + ", not " + text);
    }

    <E extends Enum<E>> E choice(String name, Class<E> all, E otherwise) {
        E one = choice(name, all);
        return one == null ? otherwise : one;
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw Problem.invalid("the body is not JSON: " + e.getOriginalMessage());
        }
    }

    private static List<String> texts(String name, JsonNode value) {
        List<String> texts = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(one -> texts.add(scalar(name, one)));
        } else if (!value.isNull()) {
            texts.add(scalar(name, value));
        }
        return texts;
    }

    private static String scalar(String name, JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            throw Problem.invalid(name + ": a text, a number, true or false");
        }
        return value.asText();
    }
}
