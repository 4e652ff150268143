package sluice.proxy.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Disk} in a folder: the file {@code gate.state}, and beside it {@code gate.used}, an empty marker that says that the
 * file has been used. The file is overwritten in place and never grows, so that a full disk stops no transition; that holds
 * on file systems that overwrite in place (ext4, xfs), not on copying ones (btrfs, zfs).
 *
 * <p>For one thread at a time.
 */
public final class FileDisk implements Disk, AutoCloseable {
    private final Path folder;
    private final Path file;
    private final Path marker;
    private @Nullable FileChannel channel;

    /** @param folder must exist; belongs to this proxy alone */
    public FileDisk(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("gate.state");
        this.marker = folder.resolve("gate.used");
    }

    @Override
    public Found find() {
        if (Files.exists(file)) {
            return Found.FILE;
        }
        return Files.exists(marker) ? Found.MISSING : Found.NEW;
    }

    @Override
    public void create(byte[] content) throws IOException {
        close();
        if (Files.exists(file)) {
            Files.move(file, folder.resolve("gate.state.bad"), StandardCopyOption.REPLACE_EXISTING);
        }
        replace(content);
        if (!Files.exists(marker)) {
            Files.write(
                    marker,
                    "gate.state beside this file is in use; see it missing and the gate stays shut\n"
                            .getBytes(StandardCharsets.US_ASCII));
            syncFolder();
        }
    }

    @Override
    public void replace(byte[] content) throws IOException {
        // Under another name first: a file of the right name is always a whole one.
        Path unfinished = folder.resolve("gate.state.new");
        try {
            writeWhole(unfinished, content);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        close(); // whatever is open is the former one
        syncFolder();
    }

    @Override
    public byte[] read(int position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        FileChannel opened = opened();
        while (buffer.hasRemaining() && opened.read(buffer, (long) position + buffer.position()) >= 0) {
            // until it is full or the file ends
        }
        return Arrays.copyOf(buffer.array(), length);
    }

    @Override
    public void write(int position, byte[] content) throws IOException {
        writeAll(opened(), position, content);
    }

    @Override
    public void sync() throws IOException {
        opened().force(false);
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    private FileChannel opened() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            open = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel = open;
        }
        return open;
    }

    private static void writeWhole(Path unfinished, byte[] content) throws IOException {
        try (FileChannel made = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            writeAll(made, 0, content);
            made.force(true);
        }
    }

    private void syncFolder() throws IOException {
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private static void writeAll(FileChannel channel, int position, byte[] content) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
            channel.write(buffer, (long) position + buffer.position());
        }
    }
}
