package sluice.proxy.nginx;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What nginx has read: files with everything they include, as one tree.
 *
 * <p>A file may be a whole {@code nginx.conf}, a part that stands in its {@code http} block, or the output of {@code nginx -T}.
 */
public final class Configuration {
    static final int DEEPEST_INCLUDE = 16;
    static final int MOST_FILES = 2_000;

    private final List<Directive> top = new ArrayList<>();
    private final Set<String> read = new LinkedHashSet<>();
    private int reads;

    private Configuration() {}

    /**
     * Reads files of this machine. One that has been included by an earlier one already is not read again.
     *
     * @throws NginxException at the first mistake, with file and line
     */
    public static Configuration read(List<Path> files) throws NginxException {
        Configuration configuration = new Configuration();
        for (Path file : files) {
            String path = file.toAbsolutePath().normalize().toString();
            if (!configuration.read.contains(path)) {
                DiskSources disk = new DiskSources(file);
                String text = textOf(disk, path, path);
                configuration.add(disk, path, text);
            }
        }
        return configuration;
    }

    /**
     * Reads what came from elsewhere: the output of {@code nginx -T}, or the text of one file.
     *
     * @param name for the places in the text of one file
     * @param folder what its {@code include} counts from
     * @throws NginxException at the first mistake, with file and line
     */
    public static Configuration of(String name, byte[] bytes, Path folder) throws NginxException {
        Configuration configuration = new Configuration();
        configuration.add(new DiskSources(folder.resolve("nginx.conf")), name, DiskSources.text(bytes));
        return configuration;
    }

    /** The directives outside of every block; those of parts, which belong into {@code http}, are among them. */
    List<Directive> top() {
        return List.copyOf(top);
    }

    /** Whether a whole configuration was read; of a part nobody can tell what else this nginx does. */
    boolean whole() {
        return top.stream().anyMatch(directive -> directive.is("http"));
    }

    private void add(Sources sources, String path, String text) throws NginxException {
        DumpSources dump = DumpSources.of(text);
        if (dump == null) {
            top.addAll(expanded(sources, path, text, List.of(path)));
            return;
        }
        String main = dump.main();
        top.addAll(expanded(dump, main, textOf(dump, main, main), List.of(main)));
        for (String file : dump.files()) {
            if (!read.contains(file)) {
                throw new NginxException(
                        file, "it is in the output of nginx -T, but no include names it; is the output whole?");
            }
        }
    }

    private List<Directive> expanded(Sources sources, String path, String text, List<String> chain)
            throws NginxException {
        read.add(path);
        if (++reads > MOST_FILES) {
            throw new NginxException(path, "with it, more than " + MOST_FILES + " files are included");
        }
        return expanded(sources, Parser.parse(path, text), chain);
    }

    private List<Directive> expanded(Sources sources, List<Directive> directives, List<String> chain)
            throws NginxException {
        List<Directive> all = new ArrayList<>();
        for (Directive directive : directives) {
            if (directive.is("include")) {
                all.addAll(included(sources, directive, chain));
            } else if (directive.block() == null) {
                all.add(directive);
            } else {
                List<Directive> inside = expanded(sources, directive.inside(), chain);
                all.add(new Directive(directive.name(), directive.args(), inside, directive.place()));
            }
        }
        return all;
    }

    private List<Directive> included(Sources sources, Directive include, List<String> chain) throws NginxException {
        if (include.args().size() != 1 || include.block() != null) {
            throw new NginxException(include.place(), "include takes the name of one file, or one pattern");
        }
        String pattern =
                Path.of(sources.prefix()).resolve(include.arg(0)).normalize().toString();
        List<Directive> all = new ArrayList<>();
        for (String path : files(sources, include, pattern)) {
            List<String> longer = new ArrayList<>(chain);
            longer.add(path);
            if (chain.contains(path)) {
                throw new NginxException(include.place(), "files include each other: " + String.join(" > ", longer));
            }
            if (chain.size() > DEEPEST_INCLUDE) {
                throw new NginxException(
                        include.place(), "more than " + DEEPEST_INCLUDE + " includes within each other");
            }
            all.addAll(expanded(
                    sources, path, textOf(sources, path, include.place().toString()), longer));
        }
        return all;
    }

    private static List<String> files(Sources sources, Directive include, String pattern) throws NginxException {
        if (!Glob.isPattern(pattern)) {
            return List.of(pattern);
        }
        try {
            return sources.matching(pattern);
        } catch (IOException e) {
            throw new NginxException(include.place(), "the files of " + pattern + " cannot be listed: " + e);
        }
    }

    private static String textOf(Sources sources, String path, String asker) throws NginxException {
        try {
            return sources.text(path);
        } catch (NoSuchFileException e) {
            throw new NginxException(asker, path + " does not exist");
        } catch (IOException e) {
            throw new NginxException(asker, path + " cannot be read: " + e.getMessage());
        }
    }
}
