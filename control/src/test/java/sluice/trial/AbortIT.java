package sluice.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.control.check.Checks;
import sluice.control.gate.GateState;
import sluice.control.run.Entry;
import sluice.control.run.History.Direction;
import sluice.control.run.Journal;
import sluice.control.run.Outcome;
import sluice.control.run.StateFolder;
import sluice.control.run.WrappedJournal;
import sluice.control.step.Step;
import sluice.control.step.Steps;

/** An abort request at each step before the point of no return, on a live site: the old side serves again, nothing is lost. */
class AbortIT {
    @Test
    void abortAtEachStepBeforeThePointOfNoReturn() throws Exception {
        try (Trial trial = new Trial()) {
            for (Step step : Steps.move(Checks.ofServers())) {
                if (step.tier() == Step.Tier.UNDOABLE) {
                    abortAt(trial, step.id());
                }
            }
            trial.neverBothWritable();
            trial.nothingIsLostOn("old");
        }
    }

    private static void abortAt(Trial trial, String step) throws Exception {
        StateFolder folder = trial.machinery().folder();
        Outcome outcome =
                trial.moves(journal -> new AskingJournal(journal, step, folder)).move(new Direction("old", "new"));
        assertThat(outcome.kind()).as("aborted at %s: %s", step, outcome).isEqualTo(Outcome.Kind.ABORTED);
        trial.openTo("old");
        trial.serves();
        GateState.Totals totals = trial.gate().totals();
        assertThat(totals.shed()).as("asked to retry").isZero();
        assertThat(totals.parked())
                .as("waiting writes were released")
                .isEqualTo(totals.released() + totals.gone() + trial.gate().waiting());
        trial.neverBothWritable();
    }

    /** Asks for the abort when a step's intent is on disk, as {@code sluice abort} at another terminal does. */
    private static final class AskingJournal extends WrappedJournal {
        private final String step;
        private final StateFolder folder;

        AskingJournal(Journal journal, String step, StateFolder folder) {
            super(journal);
            this.step = step;
            this.folder = folder;
        }

        @Override
        public void append(List<Entry> entries) throws JournalException {
            journal.append(entries);
            boolean there = entries.stream()
                    .anyMatch(entry -> entry.step().equals(step)
                            && (entry.kind() == Entry.Kind.INTENT || entry.kind() == Entry.Kind.FENCE_INTENT));
            if (there) {
                try {
                    folder.requestAbort(folder.latest().orElseThrow());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
