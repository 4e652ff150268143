package sluice.proxy.nginx;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where symbolic links in a public folder lead to: media are often on another disk. nginx follows every link, Sluice those that its
 * configuration names.
 */
final class Links {
    private Links() {}

    /** The folders outside of the public one that its own links, and those in {@code system}, lead to; none if it is not here. */
    static Set<String> outOf(Path root) {
        Set<String> folders = new TreeSet<>();
        try {
            Path real = root.toRealPath();
            collect(root, real, folders);
            collect(root.resolve("system"), real, folders);
        } catch (IOException e) {
            // Another machine's, or nobody's: there is nothing to be seen then.
        }
        return folders;
    }

    private static void collect(Path folder, Path root, Set<String> folders) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isSymbolicLink(entry) && Files.isDirectory(entry)) {
                    Path to = entry.toRealPath();
                    if (!to.startsWith(root)) {
                        folders.add(to.toString());
                    }
                }
            }
        }
    }
}
