package sluice.proxy.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The media type of a file by what its name ends in; a list that ships with the proxy and says what nginx's says. */
final class MediaTypes {
    private static final String RESOURCE = "media-types.txt";
    private static final String UNKNOWN = "application/octet-stream";

    private final Map<String, String> types;

    private MediaTypes(Map<String, String> types) {
        this.types = types;
    }

    static MediaTypes load() {
        Map<String, String> types = new HashMap<>();
        try (InputStream in = MediaTypes.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the program");
            }
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.strip().split("\\s+", -1))
                    .forEach(words -> {
                        for (int i = 1; i < words.length; i++) {
                            types.put(words[i], words[0]);
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new MediaTypes(Map.copyOf(types));
    }

    String of(String name) {
        int dot = name.lastIndexOf('.');
        if (dot < name.lastIndexOf('/')) {
            return UNKNOWN;
        }
        return types.getOrDefault(name.substring(dot + 1).toLowerCase(Locale.ROOT), UNKNOWN);
    }
}
