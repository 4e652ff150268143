package sluice.proxy.config;

import static sluice.proxy.config.Quantities.shown;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code [[rules]]}. */
final class RuleTables {
    /** Every rule costs a request of its method something, if only a look. */
    static final int MOST = 200;

    private static final Map<String, String> CLASSES =
            Map.of("inbox", "inbox", "media", "media", "write", "write", "read", "read", "stream", "stream");
    private static final Map<String, String> SERVICES = Map.of("web", "web", "streaming", "streaming");
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    /** RFC 9110 section 9.1; all that are in use are capitals and hyphens. */
    private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z-]{0,31}");
    /** RFC 3986 section 3.3 without escapes and semicolons, which requests may have and rules need not. */
    private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,=:@/-]{0,500}");
    /** RFC 9110 section 5.1 and 5.5. */
    private static final Pattern HEADER = Pattern.compile(
            "[A-Za-z0-9!#$%&'+.^_`|~-]{1,100}(?:: ?[\\x21-\\x7e](?:[\\x20-\\x7e]{0,500}[\\x21-\\x7e])?)?");
    /** A name that needs no escapes, and a value that may have stars. */
    private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9._~-]{1,100}(?:=[A-Za-z0-9._~*:@/ -]{0,500})?");

    private final String file;

    /** @param file how the file is called in the rules' names */
    RuleTables(String file) {
        this.file = file;
    }

    List<ProxyConfig.Rule> read(List<Table> tables) {
        List<ProxyConfig.Rule> rules = new ArrayList<>();
        tables.forEach(table -> rules.add(rule(table)));
        return List.copyOf(rules);
    }

    private ProxyConfig.Rule rule(Table table) {
        String right = "write \"inbox\", \"media\", \"write\", \"read\" or \"stream\"";
        String requestClass = table.required("class", Forms.oneOf(right, CLASSES), "write", right);
        List<String> methods = table.list("method", method(), List.of());
        String path = table.get("path", path());
        String header = table.get("header", matching(HEADER, "a header field", "write \"name\" or \"name: value\""));
        String query = table.get("query", matching(QUERY, "a query parameter", "write \"name\" or \"name=value\""));
        String service = table.get("service", Forms.oneOf("write \"web\" or \"streaming\"", SERVICES));
        if (!table.has("path") && !table.has("header") && !table.has("query")) {
            table.reportWhole("is a rule for every request", "say for which with path, header or query");
        }
        if (table.take("method") instanceof ArrayNode list && list.isEmpty()) {
            table.report("method", "is an empty list", "leave it out, and the class decides");
        }
        boolean unsafe = methods.stream().anyMatch(method -> !SAFE.contains(method));
        if (unsafe && requestClass.equals("stream")) {
            table.report(
                    "method",
                    methods + " cannot be a stream: a request that may change something has to be counted",
                    "keep GET, HEAD and OPTIONS");
        }
        if (unsafe && requestClass.equals("read") && !table.has("path")) {
            table.report("path", "is missing", "say which path only reads, although its method is one of " + methods);
        }
        return new ProxyConfig.Rule(file + " " + table.path(), methods, path, header, query, requestClass, service);
    }

    private static Form<String> method() {
        return matching(METHOD, "a method", "write it in capitals, such as \"POST\"");
    }

    private static Form<String> path() {
        String right = "write a path such as \"/search\", \"/files/*\" or \"/users/*/inbox\"";
        return value -> {
            String path = matching(PATH, "a path", right).read(value);
            if (path.contains("//") || (path + "/").contains("/./") || (path + "/").contains("/../")) {
                throw new Mistake(shown(value) + " has an empty segment, . or ..", right);
            }
            return path;
        };
    }

    private static Form<String> matching(Pattern pattern, String what, String right) {
        return value -> {
            String text = Forms.text(value, right);
            if (!pattern.matcher(text).matches()) {
                throw new Mistake(shown(value) + " is not " + what, right);
            }
            return text;
        };
    }
}
