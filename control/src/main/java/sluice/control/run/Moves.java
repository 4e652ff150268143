package sluice.control.run;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import sluice.control.check.Sides;
import sluice.control.run.History.Direction;
import sluice.control.run.Outcome.Kind;
import sluice.control.run.StateFolder.Held;
import sluice.control.step.Pace;
import sluice.control.step.Step;

/**
 * Moves of one site: at most one at a time, over all programs, and none while an earlier one has not ended. Used by one
 * thread.
 */
public final class Moves {
    private static final Duration LOOK = Duration.ofMillis(200);

    private final StateFolder folder;
    private final Function<Direction, Sides> sides;
    private final Function<Direction, List<Step>> steps;
    private final Pace pace;
    private final Progress progress;
    private final UnaryOperator<Journal> around;

    /**
     * @param sides makes what a move in this direction touches
     * @param steps makes the steps of a move in this direction
     * @param around put around every journal that is opened; the identity, except in tests that die at a record
     */
    public Moves(
            StateFolder folder,
            Function<Direction, Sides> sides,
            Function<Direction, List<Step>> steps,
            Pace pace,
            Progress progress,
            UnaryOperator<Journal> around) {
        this.folder = folder;
        this.sides = sides;
        this.steps = steps;
        this.pace = pace;
        this.progress = progress;
        this.around = around;
    }

    /** Runs a move to its end. */
    @SuppressWarnings("try")
    public Outcome move(Direction direction) throws IOException {
        Optional<Held> lock = folder.lock();
        if (lock.isEmpty()) {
            return busy();
        }
        try (Held held = lock.get()) {
            Optional<String> unfinished = unfinished();
            if (unfinished.isPresent()) {
                return new Outcome(
                        Kind.REFUSED,
                        "run " + unfinished.get() + " has not ended; `sluice recover` ends it one way or the other",
                        List.of());
            }
            String run = StateFolder.newId(pace.now());
            Sides touched = sides.apply(direction);
            try (Journal journal = around.apply(FileJournal.create(folder.journal(run)))) {
                Outcome outcome = new Run(
                                run,
                                touched,
                                steps.apply(direction),
                                journal,
                                pace,
                                () -> folder.abortRequested(run),
                                progress)
                        .move();
                report(run, direction, journal);
                return outcome;
            } finally {
                touched.close();
            }
        }
    }

    /** Ends the last run, if it has not ended. */
    @SuppressWarnings("try")
    public Outcome recover() throws IOException {
        Optional<Held> lock = folder.lock();
        if (lock.isEmpty()) {
            return busy();
        }
        try (Held held = lock.get()) {
            Optional<String> unfinished = unfinished();
            return unfinished.isPresent() ? recover(unfinished.get()) : nothingToRecover();
        }
    }

    private Outcome nothingToRecover() throws IOException {
        Optional<String> run = folder.latest();
        boolean moved = run.isPresent()
                && new History(FileJournal.read(folder.journal(run.get())))
                        .ended()
                        .equals(Optional.of(Kind.DONE));
        return new Outcome(
                moved ? Kind.DONE : Kind.ABORTED, "the last run has ended: there is nothing to recover", List.of());
    }

    /**
     * Ends the last run with everything as before, or says why that is no longer possible.
     *
     * @param bound how long to wait for a run that is under way
     */
    @SuppressWarnings("try")
    public Outcome abort(Duration bound) throws IOException {
        long end = pace.millis() + bound.toMillis();
        while (true) {
            Optional<Held> lock = folder.lock();
            if (lock.isPresent()) {
                try (Held held = lock.get()) {
                    return abortAlone();
                }
            }
            Optional<String> run = folder.latest();
            if (run.isPresent()) {
                History history = new History(FileJournal.read(folder.journal(run.get())));
                if (history.ended().isEmpty()) {
                    if (history.pastPointOfNoReturn()) {
                        return tooLate(run.get());
                    }
                    folder.requestAbort(run.get());
                }
            }
            if (pace.millis() >= end) {
                return busy();
            }
            pace.pause(LOOK);
        }
    }

    private Outcome abortAlone() throws IOException {
        Optional<String> run = folder.latest();
        History history = new History(run.isPresent() ? FileJournal.read(folder.journal(run.get())) : List.of());
        if (run.isEmpty() || history.entries().isEmpty()) {
            return new Outcome(Kind.ABORTED, "there is nothing to abort", List.of());
        }
        Optional<Kind> ended = history.ended();
        if (ended.isPresent()) {
            return ended.get() == Kind.DONE
                    ? new Outcome(Kind.REFUSED, "run " + run.get() + " is done: the site has moved", List.of())
                    : new Outcome(
                            Kind.ABORTED, "run " + run.get() + " is taken back; everything is as before", List.of());
        }
        return history.pastPointOfNoReturn() ? tooLate(run.get()) : recover(run.get());
    }

    private static Outcome tooLate(String run) {
        return new Outcome(
                Kind.REFUSED,
                "run " + run + " has passed the point of no return: the other database may have been switched to, and"
                        + " opening the old one again could make two of them writable. It only goes forward now;"
                        + " `sluice recover` finishes it if it was cut off",
                List.of());
    }

    private static Outcome busy() {
        return new Outcome(Kind.BUSY, "another sluice is at work on this site; do nothing, it goes on", List.of());
    }

    /** The last run, if it has not ended. */
    private Optional<String> unfinished() throws IOException {
        Optional<String> run = folder.latest();
        if (run.isPresent()) {
            History history = new History(FileJournal.read(folder.journal(run.get())));
            if (history.ended().isEmpty() && !history.entries().isEmpty()) {
                return run;
            }
        }
        return Optional.empty();
    }

    private Outcome recover(String run) throws IOException {
        try (Journal journal = around.apply(FileJournal.open(folder.journal(run)))) {
            Direction direction = new History(journal.entries())
                    .direction()
                    .orElseThrow(() -> new Journal.JournalException(
                            folder.journal(run) + " does not name the run's sides; it cannot be recovered from"));
            Outcome outcome = new Recovery(run, sides.apply(direction), steps.apply(direction), journal, pace, progress)
                    .recover();
            report(run, direction, journal);
            return outcome;
        }
    }

    private void report(String run, Direction direction, Journal journal) {
        try {
            Report.of(run, new History(journal.entries()), steps.apply(direction))
                    .write(folder.report(run));
        } catch (IOException failed) {
            progress.warning("the report could not be written: " + failed.getMessage());
        }
    }
}
