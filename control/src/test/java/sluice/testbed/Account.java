package sluice.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The account that Postgres runs as: {@code postgres} when this JVM is root, since Postgres refuses root, else our own.
 */
final class Account {
    private static final boolean root = "root".equals(System.getProperty("user.name"));

    private Account() {}

    /** As the site file wants it: empty for the account that control itself runs as. */
    static String siteUser() {
        return root ? "postgres" : "";
    }

    static List<String> command(List<String> command) {
        if (!root) {
            return command;
        }
        List<String> whole =
                new ArrayList<>(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"));
        whole.addAll(command);
        return whole;
    }

    /** A new folder that this account owns, short enough for a unix socket below it. */
    static Path folder(String name) {
        try {
            return own(Files.createTempDirectory(Path.of("/tmp"), name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder under /tmp", e);
        }
    }

    static Path own(Path path) throws IOException {
        if (root) {
            Files.setOwner(
                    path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
        }
        return path;
    }

    /**
     * Removes a folder and everything below it, and kills what of this JVM's children still works there: the JVM may be
     * ended in the middle of a set-up, and what a server forked just before it was killed may still be writing. Tried
     * until it works, for ten seconds.
     */
    static void remove(Path folder) {
        Await.until("everything below " + folder + " is removed", Duration.ofSeconds(10), () -> {
            LocalProcess.killChildrenNaming(folder);
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException | UncheckedIOException e) {
                return Files.notExists(folder);
            }
            return Files.notExists(folder);
        });
    }
}
