package sluice.control.run.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.control.check.Checks;
import sluice.control.run.Entry;
import sluice.control.run.FileJournal;
import sluice.control.run.History;
import sluice.control.run.History.Direction;
import sluice.control.run.Journal;
import sluice.control.run.Moves;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;
import sluice.control.run.Progress;
import sluice.control.run.StateFolder;
import sluice.control.run.WrappedJournal;
import sluice.control.step.Steps;

/** Moves with real files (lock, journal, abort mark, report) on the simulated world without faults. */
final class MovesTest {
    private static final Direction THERE = new Direction("old", "new");
    private static final Duration BOUND = Duration.ofMinutes(1);

    @TempDir
    private Path temporary;

    private StateFolder folder;
    private World world;

    @BeforeEach
    void start() {
        begin(0);
    }

    private void begin(int number) {
        folder = new StateFolder(temporary.resolve("state-" + number));
        world = new World(new Chooser(new Search(Mutant.NONE, 0), new int[0], 0), Mutant.NONE, false, true);
    }

    private Moves moves(UnaryOperator<Journal> around) {
        Execution execution = new Execution(world);
        return new Moves(
                folder,
                direction -> execution.sides(),
                direction -> Steps.move(Checks.ofServers()),
                execution.pace(),
                Progress.none(),
                around);
    }

    private Moves moves() {
        return moves(UnaryOperator.identity());
    }

    /** After each record, tells which one it was. */
    private static UnaryOperator<Journal> after(Consumer<Integer> told) {
        return real -> new WrappedJournal(real) {
            private int records;

            @Override
            public void append(List<Entry> entries) throws JournalException {
                journal.append(entries);
                told.accept(++records);
            }
        };
    }

    private History history() throws IOException {
        return new History(FileJournal.read(folder.journal(folder.latest().orElseThrow())));
    }

    @Test
    void aMoveLeavesAJournalAndAReport() throws Exception {
        assertThat(moves().move(THERE).kind()).isEqualTo(Kind.DONE);
        assertThat(world.gate.active).isEqualTo("new");
        assertThat(history().ended()).contains(Kind.DONE);
        String report = Files.readString(folder.report(folder.latest().orElseThrow()));
        assertThat(report).contains("\"outcome\" : \"done\"", "\"hold_ms\"", "\"write_gap_ms\"", "\"checkpoint\"");
        assertThat(moves().abort(BOUND).kind()).isEqualTo(Kind.REFUSED);
        assertThat(moves().recover().text()).contains("nothing to recover");
    }

    @Test
    void theStepsAreInTheirOrderAndEveryIntentComesFirst() throws Exception {
        moves().move(THERE);
        List<String> steps = new ArrayList<>();
        for (Entry entry : history().entries()) {
            if (entry.kind().name().endsWith("INTENT") || entry.kind() == Entry.Kind.DONE) {
                steps.add(entry.kind() + " " + entry.step());
            }
        }
        assertThat(steps)
                .containsSubsequence(
                        "INTENT check",
                        "DONE check",
                        "INTENT prepare",
                        "INTENT hold",
                        "INTENT marker",
                        "INTENT seal",
                        "INTENT flip",
                        "FENCE_INTENT fence-redis",
                        "INTENT fence-postgres",
                        "INTENT proof",
                        "DONE proof",
                        "PROMOTE_INTENT promote",
                        "DONE promote",
                        "INTENT verify",
                        "INTENT release",
                        "INTENT reverse",
                        "INTENT report")
                .doesNotHaveDuplicates();
    }

    @Test
    void killedAfterAnyRecordItRecovers() throws Exception {
        boolean died = true;
        for (int record = 1; died; record++) {
            begin(record);
            int last = record;
            died = false;
            try {
                moves(after(number -> {
                            if (number == last) {
                                throw new Stopped.Crash();
                            }
                        }))
                        .move(THERE);
            } catch (Stopped.Crash killed) {
                died = true;
            }
            boolean past = history().pastPointOfNoReturn();
            boolean ended = history().ended().isPresent();
            if (died && !ended) {
                assertThat(moves().move(THERE).kind())
                        .as("another move after record %d", record)
                        .isEqualTo(Kind.REFUSED);
                Outcome outcome = record % 2 == 0 && !past ? moves().abort(BOUND) : moves().recover();
                assertThat(outcome.kind()).as("after record %d", record).isEqualTo(past ? Kind.DONE : Kind.ABORTED);
            }
            assertThat(world.gate.isOpen()).isTrue();
            assertThat(world.gate.active).isEqualTo(past ? "new" : "old");
        }
    }

    @Test
    void anAbortRequestIsSeenBeforeThePointOfNoReturnAndIgnoredAfterIt() throws Exception {
        int records = 15;
        for (int record = 1; record <= records; record++) {
            begin(record);
            int asked = record;
            Outcome outcome = moves(after(number -> {
                        if (number == asked) {
                            request();
                        }
                    }))
                    .move(THERE);
            boolean past = history().pastPointOfNoReturn();
            assertThat(outcome.kind()).as("asked after record %d", record).isIn(Kind.DONE, Kind.ABORTED, Kind.REFUSED);
            assertThat(outcome.kind() == Kind.DONE).isEqualTo(past);
            assertThat(world.gate.active).isEqualTo(past ? "new" : "old");
            assertThat(world.gate.isOpen()).isTrue();
        }
    }

    private void request() {
        try {
            folder.requestAbort(folder.latest().orElseThrow());
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void abortIsRefusedOnceThePointOfNoReturnIsPassed() throws Exception {
        try {
            moves(after(number -> {
                        try {
                            if (history().pastPointOfNoReturn()) {
                                throw new Stopped.Crash();
                            }
                        } catch (IOException failed) {
                            throw new IllegalStateException(failed);
                        }
                    }))
                    .move(THERE);
        } catch (Stopped.Crash killed) {
            // As meant.
        }
        Outcome outcome = moves().abort(BOUND);
        assertThat(outcome.kind()).isEqualTo(Kind.REFUSED);
        assertThat(outcome.text()).contains("point of no return");
        assertThat(moves().recover().kind()).isEqualTo(Kind.DONE);
    }

    @Test
    @SuppressWarnings("try")
    void onlyOneControlAtATime() throws Exception {
        try (StateFolder.Held held = folder.lock().orElseThrow()) {
            assertThat(moves().move(THERE).kind()).isEqualTo(Kind.BUSY);
            assertThat(moves().recover().kind()).isEqualTo(Kind.BUSY);
            assertThat(moves().abort(BOUND).kind()).isEqualTo(Kind.BUSY);
        }
        assertThat(world.gate.isOpen()).isTrue();
    }

    @Test
    void aDamagedJournalIsNotGuessedAt() throws Exception {
        moves().move(THERE);
        Path journal = folder.journal(folder.latest().orElseThrow());
        byte[] bytes = Files.readAllBytes(journal);
        bytes[100] ^= 1;
        Files.write(journal, bytes);
        assertThatThrownBy(() -> moves().recover())
                .isInstanceOf(Journal.JournalException.class)
                .hasMessageContaining("damaged");
    }
}
