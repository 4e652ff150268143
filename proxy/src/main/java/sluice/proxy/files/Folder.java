package sluice.proxy.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The public folder on the disk. Only regular files count, and only those whose path without links lies in the folder or in one of
 * the folders that the configuration allows links into. Every call may block.
 */
final class Folder {
    /** A file is no longer what it was a moment ago. */
    static final class Changed extends IOException {
        Changed(Path path) {
            super(path + " changed while it was opened");
        }
    }

    private final Path root;
    private final List<Path> links;
    private volatile List<Path> allowed = List.of();

    Folder(Path root, List<Path> links) {
        this.root = root;
        this.links = List.copyOf(links);
        follow();
    }

    /** Finds out again where the folders really are: a deployment may have changed a link above them. */
    void follow() {
        List<Path> real = new ArrayList<>();
        for (Path path : paths()) {
            try {
                real.add(path.toRealPath());
            } catch (IOException e) {
                // It does not exist just now, and so nothing lies in it.
            }
        }
        allowed = List.copyOf(real);
    }

    private List<Path> paths() {
        List<Path> paths = new ArrayList<>(links);
        paths.add(0, root);
        return paths;
    }

    /** Names directly in the folder; none when it cannot be read. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            return List.of();
        }
        return names;
    }

    /** Links directly in the folder that lead to where nothing is served from. */
    List<Path> links() {
        List<Path> out = new ArrayList<>();
        for (String name : names()) {
            Path path = root.resolve(name);
            try {
                if (Files.isSymbolicLink(path) && !within(path.toRealPath())) {
                    out.add(path);
                }
            } catch (IOException e) {
                // It leads nowhere, so it misleads nobody.
            }
        }
        return out;
    }

    /** The folder's last change, or -1. */
    long changed() {
        try {
            return Files.getLastModifiedTime(root).toMillis();
        } catch (IOException e) {
            return -1;
        }
    }

    /** The file under a name that {@link FileName} made, or null when there is none. */
    @Nullable
    Stored find(String name) {
        if (name.endsWith("/")) {
            return null;
        }
        try {
            Path path = root.resolve(name.substring(1));
            if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
                return null;
            }
            Path real = path.toRealPath();
            return within(real) ? stored(real) : null;
        } catch (IOException | InvalidPathException e) {
            // Not there, or not to be reached: the same to a client. A name that the locale cannot write is not there
            // either.
            return null;
        }
    }

    private boolean within(Path real) {
        for (Path folder : allowed) {
            if (real.startsWith(folder)) {
                return true;
            }
        }
        return false;
    }

    private static Stored stored(Path real) throws IOException {
        BasicFileAttributes now = Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!now.isRegularFile()) {
            throw new FileSystemException(real.toString(), null, "is no file any more");
        }
        return Stored.of(real, now);
    }

    /**
     * Opens a file.
     *
     * @throws Changed when it is not the one that was found
     */
    FileChannel open(Stored file) throws IOException {
        FileChannel channel = FileChannel.open(file.real(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            if (!stored(file.real()).equals(file) || channel.size() != file.size()) {
                throw new Changed(file.real());
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** All of a file's bytes, which are few. */
    byte[] read(Stored file) throws IOException {
        try (FileChannel channel = open(file)) {
            ByteBuffer content = ByteBuffer.allocate((int) file.size());
            while (content.hasRemaining()) {
                if (channel.read(content) < 0) {
                    throw new EOFException(file.real() + " has become shorter");
                }
            }
            return content.array();
        }
    }
}
