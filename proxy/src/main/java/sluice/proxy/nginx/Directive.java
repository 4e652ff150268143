package sluice.proxy.nginx;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One directive, with quotes and escapes resolved and variables left as text.
 *
 * @param args what stands behind the name
 * @param block the directives between its braces, or null when it ends with a semicolon; a block of Lua has none inside
 * @param place where its name stands
 */
record Directive(String name, List<String> args, @Nullable List<Directive> block, Place place) {
    private static final int LONGEST_SHOWN = 90;

    Directive {
        args = List.copyOf(args);
        block = block == null ? null : List.copyOf(block);
    }

    boolean is(String other) {
        return name.equals(other);
    }

    /** The argument at this position, or an empty text. */
    String arg(int index) {
        return index < args.size() ? args.get(index) : "";
    }

    List<Directive> inside() {
        return block == null ? List.of() : block;
    }

    /** All arguments with spaces between them. */
    String text() {
        return String.join(" ", args);
    }

    /** For people: on one line, cut when it is long. */
    String shown() {
        String all = Stream.concat(Stream.of(name), args.stream().map(Directive::quoted))
                .collect(Collectors.joining(" "));
        String cut = all.length() <= LONGEST_SHOWN ? all : all.substring(0, LONGEST_SHOWN - 1) + "…";
        return block == null ? cut : cut + " { … }";
    }

    private static String quoted(String arg) {
        String line = arg.replaceAll("\\s+", " ");
        return line.isEmpty() || line.matches(".*[ ;{}].*") ? "\"" + line + "\"" : line;
    }
}
