package sluice.control.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A journal in a file whose blocks are written when it is made: a disk that fills up later cannot stop a run. Each
 * append is one checksummed frame and one {@code fdatasync}. A torn frame at the end was never acknowledged, so no effect
 * followed it: it counts as not written. A bad frame with good ones behind it is damage, and reported.
 */
public final class FileJournal implements Journal {
    /** The whole file, in bytes: hundreds of attempts to recover. */
    static final int SIZE = 1 << 20;

    private static final byte[] MAGIC = "SLUICE-JOURNAL-1\n".getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private final FileChannel channel;
    private final List<Entry> entries;
    private int end;
    private long sequence;

    private FileJournal(Path file, FileChannel channel, Content content) {
        this.file = file;
        this.channel = channel;
        this.entries = new ArrayList<>(content.entries());
        this.end = content.end();
        this.sequence = content.frames();
    }

    /** Makes an empty journal. It appears under its name only when all of it is on disk. */
    public static FileJournal create(Path file) throws JournalException {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path making = file.resolveSibling(file.getFileName() + ".new");
            try (FileChannel channel = FileChannel.open(
                    making,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer all = ByteBuffer.allocate(SIZE);
                all.put(0, MAGIC);
                write(channel, all, 0);
                channel.force(true);
            }
            Files.move(making, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(file);
            return open(file);
        } catch (JournalException failed) {
            throw failed;
        } catch (IOException failed) {
            throw new JournalException("cannot make the journal " + file + ": " + failed, failed);
        }
    }

    /** Opens one to go on with it. Only one program may: see {@link StateFolder#lock}. */
    public static FileJournal open(Path file) throws JournalException {
        try {
            Content content = parse(file, Files.readAllBytes(file));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            if (content.torn()) {
                // Or the rest of the torn frame would stand behind a shorter one that takes its place.
                write(channel, ByteBuffer.allocate(SIZE - content.end()), content.end());
                channel.force(false);
            }
            return new FileJournal(file, channel, content);
        } catch (JournalException failed) {
            throw failed;
        } catch (IOException failed) {
            throw new JournalException("cannot open the journal " + file + ": " + failed, failed);
        }
    }

    /** Reads one that another program may be writing. */
    public static List<Entry> read(Path file) throws JournalException {
        try {
            return parse(file, Files.readAllBytes(file)).entries();
        } catch (JournalException failed) {
            throw failed;
        } catch (IOException failed) {
            throw new JournalException("cannot read the journal " + file + ": " + failed, failed);
        }
    }

    private record Content(List<Entry> entries, int end, long frames, boolean torn) {}

    private static Content parse(Path file, byte[] bytes) throws IOException {
        if (bytes.length < MAGIC.length || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new JournalException(file + " is not a journal");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        List<Entry> entries = new ArrayList<>();
        int offset = MAGIC.length;
        long frames = 0;
        byte[] payload = Frames.payload(buffer, offset, frames);
        while (payload != null) {
            entries.addAll(Frames.decode(payload));
            offset += Frames.HEADER + payload.length;
            frames++;
            payload = Frames.payload(buffer, offset, frames);
        }
        int rest = offset;
        while (rest < bytes.length && bytes[rest] == 0) {
            rest++;
        }
        boolean torn = rest < bytes.length;
        if (torn && laterFrame(buffer, offset, frames)) {
            throw new JournalException(file + " is damaged after record " + frames
                    + " (byte " + offset + "): what it says cannot be trusted. Look which database is the primary"
                    + " (`sluice status`); the proxies keep writes paused meanwhile");
        }
        return new Content(List.copyOf(entries), offset, frames, torn);
    }

    /** A whole frame further on: then the one before it had been acknowledged, and was damaged later. */
    private static boolean laterFrame(ByteBuffer file, int from, long expected) {
        for (int at = from + 1; at <= file.limit() - Frames.HEADER; at++) {
            long sequence = file.getLong(at + 4);
            if (sequence >= expected && sequence < SIZE && Frames.payload(file, at, sequence) != null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void append(List<Entry> batch) throws JournalException {
        ByteBuffer frame = Frames.encode(sequence, batch);
        int length = frame.remaining();
        if (length > room()) {
            throw new JournalException("the journal " + file + " is full; move it away and look at `sluice status`");
        }
        try {
            write(channel, frame, end);
            channel.force(false);
        } catch (IOException failed) {
            throw new JournalException("cannot write to the journal " + file + ": " + failed, failed);
        }
        end += length;
        sequence++;
        entries.addAll(batch);
    }

    @Override
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    @Override
    public int room() {
        return SIZE - end;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failed) {
            // Every record was synced when it was written.
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private static void syncFolder(Path file) throws IOException {
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
