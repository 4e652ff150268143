package sluice.proxy.nginx;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is known of directives that need no reading of their own; a table that ships with the program. */
final class Knowledge {
    private static final String RESOURCE = "directives.txt";
    private static final Pattern QUIET = Pattern.compile("quiet ([\\w ]+)");
    private static final Pattern FACT = Pattern.compile("(note|against) ([\\w ]+?)(?: = ([^:]+?))? : (.+)");
    private static final Pattern SPACE = Pattern.compile(" ");
    private static final Pattern BAR = Pattern.compile(" \\| ");

    private final Map<String, Fact> facts = new HashMap<>();

    /** @param harmless the values for which the fact does not count */
    private record Fact(boolean against, Set<String> harmless, String why) {}

    private static final Fact QUIETLY = new Fact(false, Set.of(), "");

    private Knowledge() {}

    static Knowledge load() {
        Knowledge knowledge = new Knowledge();
        try (InputStream in = Knowledge.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the program");
            }
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(knowledge::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return knowledge;
    }

    private void add(String line) {
        Matcher quiet = QUIET.matcher(line);
        if (quiet.matches()) {
            SPACE.splitAsStream(quiet.group(1)).forEach(name -> put(name, QUIETLY));
            return;
        }
        Matcher fact = FACT.matcher(line);
        if (!fact.matches()) {
            throw new IllegalStateException(RESOURCE + " has a line that is none: " + line);
        }
        Set<String> harmless = fact.group(3) == null
                ? Set.of()
                : BAR.splitAsStream(fact.group(3)).collect(Collectors.toSet());
        Fact known = new Fact(fact.group(1).equals("against"), harmless, fact.group(4));
        SPACE.splitAsStream(fact.group(2)).forEach(name -> put(name, known));
    }

    private void put(String name, Fact fact) {
        if (facts.put(name, fact) != null) {
            throw new IllegalStateException(RESOURCE + " has " + name + " twice");
        }
    }

    /** Says of a directive what is known of it. */
    void judge(Directive directive, Report report) {
        Fact fact = facts.get(directive.name());
        if (fact == null) {
            report.against(directive, unknown(directive));
        } else if (!fact.equals(QUIETLY) && !fact.harmless().contains(directive.text())) {
            if (fact.against()) {
                report.against(directive, fact.why());
            } else {
                report.note(directive, fact.why());
            }
        }
    }

    private static String unknown(Directive directive) {
        return directive.name().contains("_by_lua")
                ? "nginx runs Lua here, Sluice does not."
                : "The importer does not know " + directive.name() + "; what it does for the site would be lost.";
    }
}
