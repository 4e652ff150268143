package sluice.proxy.nginx;

import java.io.FileNotFoundException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The output of {@code nginx -T}: every file once, each behind a line {@code # configuration file PATH:}, the main one first. */
final class DumpSources implements Sources {
    private static final Pattern MARK = Pattern.compile("^# configuration file (/.*):\\r?$", Pattern.MULTILINE);

    private final Map<String, String> texts;
    private final String main;

    private DumpSources(Map<String, String> texts) {
        this.texts = texts;
        this.main = texts.keySet().iterator().next();
    }

    /** The files in the text, or null when it is no such output. */
    static @Nullable DumpSources of(String text) {
        Matcher mark = MARK.matcher(text);
        if (!mark.find() || !onlyNginxSpeaks(text.substring(0, mark.start()))) {
            return null;
        }
        Map<String, String> texts = new LinkedHashMap<>();
        String name = mark.group(1);
        int start = mark.end();
        while (mark.find()) {
            texts.putIfAbsent(name, text.substring(start, mark.start()));
            name = mark.group(1);
            start = mark.end();
        }
        texts.putIfAbsent(name, text.substring(start));
        // The text of a file begins on the line behind its mark.
        texts.replaceAll((path, file) -> file.startsWith("\n") ? file.substring(1) : file);
        return new DumpSources(texts);
    }

    /** What nginx says about the test goes to standard error, which may have been put before. */
    private static boolean onlyNginxSpeaks(String before) {
        return before.lines().allMatch(line -> line.isBlank() || line.startsWith("nginx: "));
    }

    /** The file that nginx was started with. */
    String main() {
        return main;
    }

    List<String> files() {
        return List.copyOf(texts.keySet());
    }

    @Override
    public String prefix() {
        @Nullable Path folder = Path.of(main).getParent();
        return folder == null ? "/" : folder.toString();
    }

    @Override
    public String text(String path) throws FileNotFoundException {
        String text = texts.get(path);
        if (text == null) {
            throw new FileNotFoundException("it is not in the output of nginx -T");
        }
        return text;
    }

    @Override
    public List<String> matching(String pattern) {
        return texts.keySet().stream()
                .filter(path -> matches(Path.of(pattern), Path.of(path)))
                .sorted()
                .toList();
    }

    private static boolean matches(Path pattern, Path path) {
        if (pattern.getNameCount() != path.getNameCount()) {
            return false;
        }
        for (int i = 0; i < path.getNameCount(); i++) {
            if (!Glob.matches(pattern.getName(i).toString(), path.getName(i).toString())) {
                return false;
            }
        }
        return true;
    }
}
