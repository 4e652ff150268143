package sluice.proxy.nginx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of this machine. */
final class DiskSources implements Sources {
    private static final int LARGEST_FILE = 16 * 1024 * 1024;

    private final Path prefix;

    /** @param first the file that was named; nginx.conf in its folder or in one above says where nginx counts from */
    DiskSources(Path first) {
        this.prefix = folderOf(first);
    }

    private static Path folderOf(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        @Nullable Path own = absolute.getParent();
        for (Path folder = own; folder != null; folder = folder.getParent()) {
            if (Files.isRegularFile(folder.resolve("nginx.conf"))) {
                return folder;
            }
        }
        return own == null ? Path.of("/") : own;
    }

    @Override
    public String prefix() {
        return prefix.toString();
    }

    @Override
    public String text(String path) throws IOException {
        Path file = Path.of(path);
        if (Files.size(file) > LARGEST_FILE) {
            throw new IOException("it has more than " + LARGEST_FILE + " bytes");
        }
        return text(Files.readAllBytes(file));
    }

    /** nginx takes bytes as they are; what is no UTF-8 is most often a comment in Latin-1. */
    static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public List<String> matching(String pattern) throws IOException {
        List<Path> found = List.of(Path.of("/"));
        for (Path segment : Path.of(pattern)) {
            List<Path> next = new ArrayList<>();
            for (Path folder : found) {
                next.addAll(below(folder, segment.toString()));
            }
            found = next;
        }
        return found.stream().map(Path::toString).sorted().toList();
    }

    private static List<Path> below(Path folder, String segment) throws IOException {
        if (!Glob.isPattern(segment)) {
            Path path = folder.resolve(segment);
            return Files.exists(path) ? List.of(path) : List.of();
        }
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Path> fitting = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
            for (Path path : names) {
                if (Glob.matches(segment, String.valueOf(path.getFileName()))) {
                    fitting.add(path);
                }
            }
        }
        return fitting;
    }
}
