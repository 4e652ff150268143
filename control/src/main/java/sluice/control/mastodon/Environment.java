package sluice.control.mastodon;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a {@code .env.production}, as dotenv reads it (the Ruby library that Mastodon loads it with): a name, an equals
 * sign, and a value that may stand in quotes; the last line of a name counts. Values that call the shell or go over several lines
 * are not understood and are told as such. Immutable.
 */
public final class Environment {
    private static final Pattern LINE =
            Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.]*)\\s*=\\s*(.*?)\\s*");
    private static final Pattern PLAIN = Pattern.compile("[^\\s'\"$`\\\\#]*");

    private final List<String> lines;

    private Environment(List<String> lines) {
        this.lines = List.copyOf(lines);
    }

    public static Environment parse(String text) {
        return new Environment(List.of(text.split("\n", -1)));
    }

    /** What a name is set to; empty when it is not set. */
    public Optional<String> get(String name) {
        return Optional.ofNullable(all().get(name));
    }

    /** Every name with its value, in the order of the file. */
    public Map<String, String> all() {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                values.put(matcher.group(1), value(matcher.group(2)));
            }
        }
        return values;
    }

    /** The same text with these names set so, each where it stood, or at the end; everything else stays as it is. */
    public Environment with(Map<String, String> changes) {
        List<String> changed = new ArrayList<>(lines);
        Map<String, String> missing = new LinkedHashMap<>(changes);
        for (int i = 0; i < changed.size(); i++) {
            Matcher matcher = LINE.matcher(changed.get(i));
            if (matcher.matches() && changes.containsKey(matcher.group(1))) {
                String name = matcher.group(1);
                changed.set(i, name + "=" + quoted(changes.getOrDefault(name, "")));
                missing.remove(name);
            }
        }
        boolean ended = changed.get(changed.size() - 1).isEmpty();
        int end = ended ? changed.size() - 1 : changed.size();
        for (Map.Entry<String, String> each : missing.entrySet()) {
            changed.add(end++, each.getKey() + "=" + quoted(each.getValue()));
        }
        return new Environment(changed);
    }

    public String text() {
        return String.join("\n", lines);
    }

    private static String value(String raw) {
        if (raw.length() > 1 && (raw.charAt(0) == '\'' || raw.charAt(0) == '"')) {
            char quote = raw.charAt(0);
            int end = raw.indexOf(quote, 1);
            while (quote == '"' && end > 0 && raw.charAt(end - 1) == '\\') {
                end = raw.indexOf(quote, end + 1);
            }
            if (end > 0) {
                String inside = raw.substring(1, end);
                return quote == '"' ? inside.replace("\\\"", "\"").replace("\\\\", "\\") : inside;
            }
        }
        int comment = raw.indexOf(" #");
        return raw.startsWith("#")
                ? ""
                : comment < 0 ? raw : raw.substring(0, comment).stripTrailing();
    }

    private static String quoted(String value) {
        return PLAIN.matcher(value).matches() ? value : "'" + value + "'";
    }
}
