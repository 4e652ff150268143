package sluice.proxy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** The folder of the state, which belongs to one running proxy at a time: two would overwrite each other's state. */
final class StateDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lockFile;

    private StateDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Makes the folder if it is missing, and takes it.
     *
     * @throws StartProblem when it cannot be written to, or when another proxy has it
     */
    static StateDirectory open(Path path) throws StartProblem {
        FileChannel channel = null;
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            channel = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new StartProblem("state.directory: another proxy runs with " + path
                        + "; stop it, or give this one a folder of its own");
            }
            return new StateDirectory(path, channel);
        } catch (IOException e) {
            throw new StartProblem(
                    "state.directory: " + path + " cannot be used: " + e + "; give it to the proxy's user", e);
        }
    }

    Path path() {
        return path;
    }

    /** Closing the file frees the lock; so does the kernel when the process dies. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
