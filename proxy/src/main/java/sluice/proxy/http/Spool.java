package sluice.proxy.http;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files for request bodies that are too large for memory, in one directory and within one budget. All file work is done by one
 * thread, in the order in which it was asked for. Files have no name once they are open, so nothing is left after a crash.
 */
public final class Spool implements AutoCloseable {
    private final Path directory;
    private final long total;
    private final AtomicLong used = new AtomicLong();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "spool");
        t.setDaemon(true);
        return t;
    });

    /**
     * A spool; its thread starts with the first body.
     *
     * @param directory where the files are made; is made itself if it is missing
     * @param total the most bytes that all files together may have
     * @throws IOException when the directory cannot be made
     */
    public Spool(Path directory, long total) throws IOException {
        this.directory = directory;
        this.total = total;
        Files.createDirectories(directory);
    }

    SpoolFile open(EventLoop loop, SpoolFile.Owner owner) {
        return new SpoolFile(this, thread, loop, owner);
    }

    /** On the spool's thread. */
    FileChannel create() throws IOException {
        Path path = Files.createTempFile(directory, "body", "");
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(path);
        return file;
    }

    boolean reserve(long bytes) {
        if (used.addAndGet(bytes) > total) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void free(long bytes) {
        used.addAndGet(-bytes);
    }

    /** Bytes in all files. Any thread. */
    public long used() {
        return used.get();
    }

    /** Ends the thread when it has done what was asked for. To be called when the event loops have ended. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
