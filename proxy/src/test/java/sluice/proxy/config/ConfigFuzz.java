package sluice.proxy.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: {@code proxy.toml}. It is read, and read the same once more, or every mistake in it is told with what is wrong and
 * what would be right; nothing else is thrown.
 */
public final class ConfigFuzz {
    /** Certificates are looked at elsewhere. */
    private static final CertificateCheck NO_CHECK = new CertificateCheck() {
        @Override
        public @Nullable String mistakeInFolder(Path folder) {
            return null;
        }

        @Override
        public @Nullable String mistakeInAuthorities(Path file) {
            return null;
        }
    };

    private static @Nullable Path file;

    private ConfigFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            check(Files.write(file(), data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file() throws IOException {
        Path is = file;
        if (is == null) {
            is = Files.createTempFile("config-fuzz", ".toml");
            is.toFile().deleteOnExit();
            file = is;
        }
        return is;
    }

    /** Reads a file that may be wrong in any way. Returns null when it is. */
    public static @Nullable ProxyConfig check(Path toml) {
        try {
            ProxyConfig config = ConfigFile.read(toml, NO_CHECK);
            ProxyConfig again = ConfigFile.read(toml, NO_CHECK);
            if (!config.equals(again)) {
                throw new AssertionError("it is read otherwise the second time: " + config + ", " + again);
            }
            return config;
        } catch (ConfigException e) {
            if (e.problems().isEmpty()) {
                throw new AssertionError("refused, and nobody says why", e);
            }
            for (Problem problem : e.problems()) {
                if (problem.found().isBlank() || problem.right().isBlank()) {
                    throw new AssertionError("a mistake without words: " + problem, e);
                }
            }
            return null;
        }
    }
}
