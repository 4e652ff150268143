package sluice.control.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.control.run.Entry.Kind;
import sluice.control.run.Journal.JournalException;

final class FileJournalTest {
    private static final int HEAD = "SLUICE-JOURNAL-1\n".length();

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("runs/run-1.journal");
    }

    private static Entry entry(String step) {
        return new Entry(
                Instant.parse("2026-11-23T20:00:00.123Z"),
                Kind.INTENT,
                step,
                "why: \"ü\"",
                Map.of("checkpoint", "0/1A06FA00"));
    }

    private void write(String... steps) throws JournalException {
        try (FileJournal journal = FileJournal.create(file)) {
            for (String step : steps) {
                journal.append(List.of(entry(step)));
            }
        }
    }

    private List<String> steps() throws JournalException {
        return FileJournal.read(file).stream().map(Entry::step).toList();
    }

    /** The offset of the frame that holds this record, found by reading the lengths. */
    private int frame(int number) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        int offset = HEAD;
        for (int i = 0; i < number; i++) {
            offset += Frames.HEADER + bytes.getInt(offset);
        }
        return offset;
    }

    private void put(int offset, byte... bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    @Test
    void whatWasWrittenIsReadAgain() throws Exception {
        write("check", "hold");
        assertThat(FileJournal.read(file)).containsExactly(entry("check"), entry("hold"));
    }

    @Test
    void itGoesOnWhereItEnded() throws Exception {
        write("check");
        try (FileJournal journal = FileJournal.open(file)) {
            journal.append(List.of(entry("hold"), entry("marker")));
            assertThat(journal.entries()).hasSize(3);
        }
        assertThat(steps()).containsExactly("check", "hold", "marker");
    }

    @Test
    void aTornRecordAtTheEndCountsAsNotWritten() throws Exception {
        write("check", "hold", "marker");
        int last = frame(2);
        int end = frame(3);
        byte[] whole = Files.readAllBytes(file);
        for (int kept = last; kept < end; kept++) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, kept, end, (byte) 0);
            Files.write(file, torn);
            assertThat(steps())
                    .as("cut at byte %d of %d", kept - last, end - last)
                    .containsExactly("check", "hold");
        }
    }

    @Test
    void aShorterRecordTakesATornOnesPlace() throws Exception {
        write("check", "hold-with-a-long-name-that-leaves-a-rest-behind");
        put(frame(1) + Frames.HEADER + 5, (byte) 'X');
        try (FileJournal journal = FileJournal.open(file)) {
            assertThat(journal.entries()).hasSize(1);
            journal.append(List.of(entry("")));
            journal.append(List.of(entry("after")));
        }
        assertThat(steps()).containsExactly("check", "", "after");
    }

    @Test
    void damageInTheMiddleIsReported() throws Exception {
        write("check", "hold", "marker");
        for (int offset = frame(1); offset < frame(2); offset++) {
            byte[] before = Files.readAllBytes(file);
            put(offset, (byte) (before[offset] ^ 0x10));
            assertThatThrownBy(this::steps)
                    .as("byte %d", offset)
                    .isInstanceOf(JournalException.class)
                    .hasMessageContaining("damaged after record 1");
            Files.write(file, before);
        }
    }

    @Test
    void theFileDoesNotGrow() throws Exception {
        try (FileJournal journal = FileJournal.create(file)) {
            assertThat(Files.size(file)).isEqualTo(FileJournal.SIZE);
            journal.append(List.of(entry("check")));
        }
        assertThat(Files.size(file)).isEqualTo(FileJournal.SIZE);
    }

    @Test
    void aFullJournalRefusesAndKeepsWhatItHas() throws Exception {
        Entry large = new Entry(Instant.EPOCH, Kind.FAILED, "hold", "x".repeat(100_000), Map.of());
        try (FileJournal journal = FileJournal.create(file)) {
            while (journal.room() > 100_200) {
                journal.append(List.of(large));
            }
            assertThatThrownBy(() -> journal.append(List.of(large))).hasMessageContaining("is full");
            int kept = journal.entries().size();
            assertThat(FileJournal.read(file)).hasSize(kept);
        }
    }

    @Test
    void anotherFileIsNoJournal() throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "hello");
        assertThatThrownBy(() -> FileJournal.open(file)).hasMessageContaining("is not a journal");
    }
}
