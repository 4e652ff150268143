package sluice.proxy.nginx;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Patterns of file names as glob(3) reads them, which nginx uses for {@code include}: {@code *}, {@code ?} and {@code [a-z]}. */
final class Glob {
    private Glob() {}

    /** nginx takes anything else as the name of one file, which must exist. */
    static boolean isPattern(String path) {
        return path.contains("*") || path.contains("?") || path.contains("[");
    }

    /** Whether a name (one segment of a path) fits. A leading dot must be written out. */
    static boolean matches(String pattern, String name) {
        if (name.startsWith(".") && !pattern.startsWith(".")) {
            return false;
        }
        try {
            return Pattern.compile(regex(pattern), Pattern.DOTALL).matcher(name).matches();
        } catch (PatternSyntaxException e) {
            // A range that runs backwards matches nothing.
            return false;
        }
    }

    private static String regex(String pattern) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            int close = c == '[' ? closing(pattern, i) : -1;
            if (c == '*') {
                regex.append(".*");
            } else if (c == '?') {
                regex.append('.');
            } else if (close > 0) {
                boolean not = pattern.charAt(i + 1) == '!' || pattern.charAt(i + 1) == '^';
                String set = pattern.substring(i + (not ? 2 : 1), close);
                regex.append(not ? "[^" : "[")
                        .append(set.replaceAll("([\\\\\\[\\]&^~])", "\\\\$1"))
                        .append(']');
                i = close;
            } else {
                if (c == '\\' && i + 1 < pattern.length()) {
                    c = pattern.charAt(++i);
                }
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }

    /** A bracket that stands first in the set belongs to it. */
    private static int closing(String pattern, int open) {
        int first = open + 1;
        if (first < pattern.length() && (pattern.charAt(first) == '!' || pattern.charAt(first) == '^')) {
            first++;
        }
        return pattern.indexOf(']', first + 1);
    }
}
