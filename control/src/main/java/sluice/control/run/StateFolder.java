package sluice.control.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A site's folder: {@code lock}, {@code runs/ID.journal}, {@code runs/ID.abort} (somebody asks that run to undo itself),
 * {@code reports/ID.json}. Ids begin with the time, so that they sort.
 */
public final class StateFolder {
    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);
    private static final String JOURNAL = ".journal";

    private final Path folder;

    public StateFolder(Path folder) {
        this.folder = folder;
    }

    /** A new run's id. */
    public static String newId(Instant now) {
        return ID.format(now);
    }

    /** Keeps every other control away from this site until it is closed, or this program ends however it ends. */
    public static final class Held implements AutoCloseable {
        private final FileChannel channel;
        private final FileLock lock;

        private Held(FileChannel channel, FileLock lock) {
            this.channel = channel;
            this.lock = lock;
        }

        @Override
        public void close() throws IOException {
            lock.release();
            channel.close();
        }
    }

    /** The lock, or nothing when another control has it. */
    public Optional<Held> lock() throws IOException {
        Files.createDirectories(folder.resolve("runs"));
        Files.createDirectories(folder.resolve("reports"));
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new Held(channel, lock));
            }
        } catch (OverlappingFileLockException thisProgram) {
            // The same answer as from another program.
        }
        channel.close();
        return Optional.empty();
    }

    public Path journal(String run) {
        return folder.resolve("runs").resolve(run + JOURNAL);
    }

    public Path report(String run) {
        return folder.resolve("reports").resolve(run + ".json");
    }

    /** The id of the run that was started last. */
    public Optional<String> latest() throws IOException {
        Path runs = folder.resolve("runs");
        if (!Files.isDirectory(runs)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(runs)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(JOURNAL))
                    .map(name -> name.substring(0, name.length() - JOURNAL.length()))
                    .max(String::compareTo);
        }
    }

    /** Asks a run that is under way to undo itself. */
    public void requestAbort(String run) throws IOException {
        Files.write(abortMark(run), List.of("abort"), StandardOpenOption.CREATE);
    }

    public boolean abortRequested(String run) {
        return Files.exists(abortMark(run));
    }

    private Path abortMark(String run) {
        return folder.resolve("runs").resolve(run + ".abort");
    }
}
