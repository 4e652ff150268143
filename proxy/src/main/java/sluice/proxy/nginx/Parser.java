package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the text of one file into a tree. {@code include} is a directive like any other here, see {@link Configuration}. */
final class Parser {
    /** nginx has no bound; real files are five deep at most. */
    static final int DEEPEST = 32;

    /** Of the directives that the importer goes by, those that need an argument. */
    private static final Set<String> NEVER_ALONE = Set.of(
            "listen",
            "server",
            "server_name",
            "root",
            "proxy_pass",
            "ssl_certificate",
            "ssl_certificate_key",
            "return",
            "set",
            "proxy_set_header",
            "set_real_ip_from");

    private final Words words;

    private Parser(Words words) {
        this.words = words;
    }

    /**
     * Reads a whole file.
     *
     * @param file its name, for the places
     * @throws NginxException at the first mistake
     */
    static List<Directive> parse(String file, String text) throws NginxException {
        int zero = text.indexOf('\0');
        if (zero >= 0) {
            int line =
                    (int) text.substring(0, zero).chars().filter(c -> c == '\n').count() + 1;
            throw new NginxException(new Place(file, line), "a character with the code 0; this is no text file");
        }
        return new Parser(new Words(file, text)).directives(null, 0);
    }

    private List<Directive> directives(@Nullable Directive open, int depth) throws NginxException {
        List<Directive> list = new ArrayList<>();
        while (true) {
            Words.End end = words.next();
            switch (end) {
                case END_OF_FILE -> {
                    if (open != null) {
                        throw new NginxException(open.place(), "the \"{\" of \"" + open.name() + "\" is never closed");
                    }
                    return list;
                }
                case CLOSE -> {
                    if (open == null) {
                        throw new NginxException(words.place(), "a \"}\" that closes nothing");
                    }
                    return list;
                }
                case SEMICOLON -> {
                    Directive directive = directive();
                    if (directive.args().isEmpty() && NEVER_ALONE.contains(directive.name())) {
                        throw new NginxException(
                                directive.place(),
                                "\"" + directive.name() + "\" without an argument; nginx refuses it");
                    }
                    list.add(directive);
                }
                case BLOCK -> list.add(block(depth + 1));
            }
        }
    }

    private Directive block(int depth) throws NginxException {
        Directive head = directive();
        if (depth > DEEPEST) {
            throw new NginxException(head.place(), "more than " + DEEPEST + " blocks within each other");
        }
        if (head.name().endsWith("_by_lua_block")) {
            words.skipLua();
            return new Directive(head.name(), head.args(), List.of(), head.place());
        }
        return new Directive(head.name(), head.args(), directives(head, depth), head.place());
    }

    private Directive directive() {
        List<String> all = words.words();
        return new Directive(all.get(0), all.subList(1, all.size()), null, words.place());
    }
}
