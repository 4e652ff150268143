package sluice.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import sluice.proxy.config.ProxyConfig;

/**
 * Fuzz target: the paths and queries of rules, and of requests. A pattern with stars says what a regular expression would say; what
 * matches narrowly matches widely, and so does every other spelling of it that a server may take for the same; the table by the
 * first byte leaves no rule out.
 *
 * <p>Input, four lines: the path of a rule, the target of a request, the query of a rule, a text for the other spellings.
 */
public final class RulesFuzz {
    private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,=:@/-]{0,500}");
    private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9._~-]{1,100}(?:=[A-Za-z0-9._~*:@/ -]{0,500})?");
    private static final Pattern TARGET = Pattern.compile("/[\\x21\\x22\\x24-\\x7e\\x80-\\xff]*");
    private static final Classifier MASTODON = new Classifier(ProxyConfig.Preset.MASTODON);

    private RulesFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String[] lines = new String(data, StandardCharsets.ISO_8859_1).split("\n", -1);
        if (lines.length < 4 || !TARGET.matcher(lines[1]).matches()) {
            return;
        }
        String target = lines[1];
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        glob(lines[0], target);
        if (proper(lines[0])) {
            path(lines[0], path, lines[3]);
        }
        if (QUERY.matcher(lines[2]).matches()) {
            query(lines[2], target, mark < 0 ? target.length() : mark);
        }
        classes(target, path, target.substring(path.length()), lines[3]);
    }

    /** As the configuration has it. */
    private static boolean proper(String rule) {
        return PATH.matcher(rule).matches()
                && !rule.contains("//")
                && !(rule + "/").contains("/./")
                && !(rule + "/").contains("/../");
    }

    private static void glob(String pattern, String text) {
        if (!pattern.chars().allMatch(c -> c > ' ' && c < 0x7f)
                || pattern.chars().filter(c -> c == '*').count() > 4) {
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        Glob glob = new Glob(pattern);
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        for (int how = 0; how < 4; how++) {
            boolean decode = (how & 1) != 0;
            boolean anyCase = (how & 2) != 0;
            boolean expected = Pattern.compile(regex, Pattern.DOTALL | (anyCase ? Pattern.CASE_INSENSITIVE : 0))
                    .matcher(decode ? decoded(text) : text)
                    .matches();
            if (glob.matches(bytes, 0, bytes.length, decode, anyCase) != expected) {
                throw new AssertionError(pattern + " for " + text + (decode ? ", decoded" : "")
                        + (anyCase ? ", any case" : "") + ": it should be " + expected);
            }
        }
    }

    private static String decoded(String text) {
        return Pattern.compile("%([0-9A-Fa-f]{2})")
                .matcher(text)
                .replaceAll(escape -> java.util.regex.Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(escape.group(1), 16))));
    }

    private static boolean wide(PathPattern pattern, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
        int semicolon = PathPattern.semicolon(bytes, 0, bytes.length);
        boolean matches = pattern.matchesWidely(bytes, 0, bytes.length, semicolon);
        int first = PathPattern.first(bytes, 0, bytes.length);
        if (matches && first != PathPattern.ANY && pattern.first() != PathPattern.ANY && first != pattern.first()) {
            throw new AssertionError("the table would leave it out: " + path);
        }
        return matches;
    }

    private static void path(String rule, String path, String spelling) {
        PathPattern pattern = new PathPattern(rule);
        byte[] bytes = path.getBytes(StandardCharsets.ISO_8859_1);
        boolean narrow = pattern.matchesNarrowly(bytes, 0, bytes.length);
        boolean wide = wide(pattern, path);
        if (!narrow) {
            return;
        }
        if (!wide) {
            throw new AssertionError(rule + " matches " + path + " narrowly, and not widely");
        }
        String other = other(path, spelling);
        if (!wide(pattern, other)) {
            throw new AssertionError(rule + " matches " + path + " and not " + other);
        }
    }

    private static void query(String rule, String target, int mark) {
        QueryPattern pattern = new QueryPattern(rule);
        byte[] bytes = target.getBytes(StandardCharsets.ISO_8859_1);
        if (pattern.matchesNarrowly(bytes, mark, bytes.length) && !pattern.matchesWidely(bytes, mark, bytes.length)) {
            throw new AssertionError(rule + " matches " + target + " narrowly, and not widely");
        }
    }

    /** A GET that the preset holds back is held back in every other spelling too. */
    private static void classes(String target, String path, String query, String spelling) {
        Route route = Requests.classify(MASTODON, "GET", target);
        boolean sure = !path.contains("%") && !path.contains(";") && !path.contains("//") && !path.contains("/.");
        if (route.requestClass().isWrite() && sure) {
            String other = other(path, spelling) + query;
            Route again = Requests.classify(MASTODON, "GET", other);
            if (!again.requestClass().isWrite()) {
                throw new AssertionError(target + " is a write, and not " + other + ": " + again);
            }
        }
        if (!Requests.classify(MASTODON, "POST", target).requestClass().isWrite()) {
            throw new AssertionError("a POST is no write: " + target);
        }
    }

    /** Another spelling, which some server takes for the same path. */
    private static String other(String path, String spelling) {
        SplittableRandom random = new SplittableRandom(spelling.hashCode());
        StringBuilder other = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean inEscape = i > 0 && path.lastIndexOf('%', i) > i - 3 && path.lastIndexOf('%', i) >= 0;
            boolean letter = c < 0x80 && Character.isLetter(c);
            int how = random.nextInt(8);
            if (c == '/' && how == 0) {
                other.append("//");
            } else if (c == '/' && how == 1) {
                other.append("/./");
            } else if (letter && !inEscape && how == 2) {
                other.append(String.format(Locale.ROOT, "%%%02x", (int) c));
            } else if (letter && !inEscape && how == 3) {
                other.append(Character.toUpperCase(c));
            } else {
                other.append(c);
            }
        }
        if (random.nextInt(4) == 0 && path.length() > 1) {
            other.append(other.charAt(other.length() - 1) == '/' ? "" : "/");
        }
        if (random.nextInt(4) == 0) {
            other.append(";x=1");
        }
        return other.toString();
    }
}
