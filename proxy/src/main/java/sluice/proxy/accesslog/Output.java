package sluice.proxy.accesslog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file that the lines go to, or the standard output. For the writer's thread, and for whoever has waited for its end. */
final class Output implements AutoCloseable {
    /** Addresses of people: for the proxy's user and the group of those who may read logs. */
    private static final String MODE = "rw-r-----";

    private static final byte[] END = {'\n'};

    private final @Nullable Path file;
    private FileChannel channel;
    /** Whether the last write broke off within a line. */
    private boolean torn;

    private int written;

    private Output(@Nullable Path file) throws IOException {
        this.file = file;
        this.channel = channel(file);
    }

    static Output open(@Nullable Path file) throws IOException {
        try {
            return new Output(file);
        } catch (IOException e) {
            throw new IOException("the access log " + file + " cannot be opened: " + e, e);
        }
    }

    private static FileChannel channel(@Nullable Path file) throws IOException {
        if (file == null) {
            return new FileOutputStream(FileDescriptor.out).getChannel();
        }
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(MODE)));
    }

    /** Opens it again by its name; when that fails, what was open stays. */
    void reopen() throws IOException {
        if (file != null) {
            FileChannel now = channel(file);
            FileChannel before = channel;
            channel = now;
            torn = false;
            before.close();
        }
    }

    /** Writes all of it, or fails: {@link #linesLost} says how much is missing then. */
    void write(byte[] lines) throws IOException {
        written = 0;
        if (torn) {
            all(ByteBuffer.wrap(END));
            torn = false;
        }
        ByteBuffer left = ByteBuffer.wrap(lines);
        try {
            all(left);
        } finally {
            written = left.position();
            torn = written > 0 && lines[written - 1] != '\n';
        }
    }

    private void all(ByteBuffer left) throws IOException {
        while (left.hasRemaining()) {
            int unused = channel.write(left);
        }
    }

    /** How many lines of what was written last are not there, or not whole. */
    int linesLost(Batch batch) {
        int there = 0;
        for (int i = 0; i < written; i++) {
            there += batch.bytes()[i] == '\n' ? 1 : 0;
        }
        return batch.lines() - there;
    }

    @Override
    public void close() {
        if (file == null) {
            return; // it is the process's
        }
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing more is to be written.
        }
    }

    @Override
    public String toString() {
        return file == null ? "the standard output" : file.toString();
    }
}
