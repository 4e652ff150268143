package sluice.control.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.control.check.Sides;
import sluice.control.run.Journal.JournalException;
import sluice.control.step.Facts;
import sluice.control.step.Moving;
import sluice.control.step.Pace;
import sluice.control.step.Step;
import sluice.control.step.Step.Tier;
import sluice.control.step.StepException;

/**
 * What a run and its recovery have in common: how a step is performed, how everything is undone, how it goes forward, and
 * that each of these is written down first. Used by one thread.
 */
final class Course {
    private static final Logger LOG = LoggerFactory.getLogger(Course.class);

    /** How often an undoing, or a step after the point of no return, is tried before somebody is asked. */
    private static final int ATTEMPTS = 4;

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(500);

    private final Journal journal;
    private final List<Step> steps;
    private final Progress progress;
    private final Moving moving;
    private final Vigil vigil;
    private final List<String> warnings = new ArrayList<>();
    private final List<Entry> unwritten = new ArrayList<>();

    Course(
            String run,
            Sides sides,
            List<Step> steps,
            Journal journal,
            Pace pace,
            BooleanSupplier abortRequested,
            Progress progress) {
        this.journal = journal;
        this.steps = List.copyOf(steps);
        this.progress = progress;
        this.vigil = new Vigil(pace, sides.limits(), abortRequested);
        this.moving = new Moving(run, sides, new Facts(), pace, vigil, this::warn);
        moving.facts().restore(new History(journal.entries()).facts());
    }

    List<Step> steps() {
        return steps;
    }

    Vigil vigil() {
        return vigil;
    }

    Moving moving() {
        return moving;
    }

    History history() {
        return new History(journal.entries());
    }

    /** Writes the intent, performs, and notes that it is done; that note reaches the disk with the next record. */
    void perform(Step step) throws StepException, IOException {
        write(intent(step), step.id(), "");
        String title = title(step);
        progress.begun(step, title);
        long start = moving.pace().millis();
        step.perform(moving);
        long took = moving.pace().millis() - start;
        moving.facts().put("ms." + step.id(), took);
        unwritten.add(entry(Entry.Kind.DONE, step.id(), "", moving.facts().takeFresh()));
        progress.done(step, title, took);
    }

    private static Entry.Kind intent(Step step) {
        if (step.tier() == Tier.POINT_OF_NO_RETURN) {
            return Entry.Kind.PROMOTE_INTENT;
        }
        return step.id().equals("fence-redis") ? Entry.Kind.FENCE_INTENT : Entry.Kind.INTENT;
    }

    /** Takes back every step that was intended, last first. */
    Outcome undoAll(String reason) {
        vigil.committed();
        History history = history();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            if (history.intended(step.id())) {
                String problem = undo(step);
                if (problem != null) {
                    return end(
                            Outcome.Kind.NEEDS_OPERATOR,
                            "The move was given up (" + reason + "), but \"" + title(step)
                                    + "\" could not be taken back: " + problem
                                    + ". When that is settled: `sluice recover`. Meanwhile nothing is lost: reads are"
                                    + " served, writes wait or are asked to retry; leave the proxies as they are.");
                }
            }
        }
        return end(Outcome.Kind.ABORTED, reason);
    }

    private @Nullable String undo(Step step) {
        String title = title(step);
        writeIfPossible(Entry.Kind.UNDO, step.id(), "");
        progress.undoing(step, title);
        long start = moving.pace().millis();
        String problem = tried(step, () -> step.undo(moving));
        if (problem == null) {
            unwritten.add(entry(Entry.Kind.UNDONE, step.id(), "", Map.of()));
            progress.undone(step, title, moving.pace().millis() - start);
        } else {
            unwritten.add(entry(Entry.Kind.FAILED, step.id(), problem, Map.of()));
            progress.failed(step, title, problem);
        }
        return problem;
    }

    /**
     * Performs the point of no return, if the journal has its intent already, and all that follows. Nothing is undone
     * here, whatever happens: what timed out may still take effect.
     */
    Outcome goForward() {
        vigil.committed();
        for (Step step : steps) {
            if (step.tier() == Tier.POINT_OF_NO_RETURN || step.tier() == Tier.FORWARD) {
                String problem = tried(step, () -> performAgain(step));
                if (problem != null) {
                    return end(
                            Outcome.Kind.NEEDS_OPERATOR,
                            "\"" + title(step) + "\" does not succeed: " + problem
                                    + ". Is " + moving.to().name() + " up and reachable? When it is: `sluice recover`"
                                    + " goes on. Meanwhile " + moving.from().name() + " stays locked and nothing is"
                                    + " lost; do not unlock it, and leave the proxies as they are.");
                }
            }
        }
        vigil.released();
        for (Step step : steps) {
            if (step.tier() == Tier.OPTIONAL) {
                String problem = tried(step, () -> performAgain(step));
                if (problem != null) {
                    warn("\"" + title(step) + "\" did not succeed: " + problem);
                }
            }
        }
        return end(Outcome.Kind.DONE, "the site is on " + moving.to().name());
    }

    /** After the point of no return a journal that cannot be written is no reason to stop. */
    private void performAgain(Step step) throws StepException, IOException {
        String title = title(step);
        if (!history().intended(step.id())) {
            writeIfPossible(intent(step), step.id(), "");
        }
        progress.begun(step, title);
        long start = moving.pace().millis();
        step.perform(moving);
        long took = moving.pace().millis() - start;
        moving.facts().put("ms." + step.id(), took);
        unwritten.add(entry(Entry.Kind.DONE, step.id(), "", moving.facts().takeFresh()));
        progress.done(step, title, took);
    }

    @FunctionalInterface
    private interface Attempt {
        void make() throws StepException, IOException;
    }

    /** Tries a bounded number of times; returns null, or the last problem. */
    private @Nullable String tried(Step step, Attempt attempt) {
        String problem = "";
        for (int i = 0; i < ATTEMPTS; i++) {
            if (i > 0) {
                progress.warning(title(step) + ": " + problem + "; trying again");
                moving.pace().pause(BETWEEN_ATTEMPTS.multipliedBy(i));
            }
            try {
                attempt.make();
                return null;
            } catch (StepException failed) {
                problem = String.valueOf(failed.getMessage());
                if (failed.isUnsafe()) {
                    return problem;
                }
            } catch (IOException failed) {
                problem = String.valueOf(failed.getMessage());
            } catch (RuntimeException defect) {
                LOG.error("step {}", step.id(), defect);
                problem = defect.toString();
            }
        }
        return problem;
    }

    /** The last record, and what people are told. */
    Outcome end(Outcome.Kind kind, String text) {
        writeIfPossible(Entry.Kind.END, "", text, Map.of("outcome", kind.name()));
        return new Outcome(kind, text, warnings);
    }

    void write(Entry.Kind kind, String step, String text) throws JournalException {
        write(entry(kind, step, text, moving.facts().takeFresh()));
    }

    private void write(Entry entry) throws JournalException {
        unwritten.add(entry);
        List<Entry> batch = List.copyOf(unwritten);
        unwritten.clear();
        journal.append(batch);
    }

    private void writeIfPossible(Entry.Kind kind, String step, String text) {
        writeIfPossible(kind, step, text, moving.facts().takeFresh());
    }

    private void writeIfPossible(Entry.Kind kind, String step, String text, Map<String, String> facts) {
        try {
            write(entry(kind, step, text, facts));
        } catch (JournalException failed) {
            // An undoing and a way forward find out by looking what is left to do; stopping here would help nobody.
            warn(String.valueOf(failed.getMessage()));
        }
    }

    /** Notes why a step did not go well; reaches the disk with the next record. */
    void noteFailure(Step step, String reason) {
        unwritten.add(entry(Entry.Kind.FAILED, step.id(), reason, Map.of()));
        progress.failed(step, title(step), reason);
    }

    private Entry entry(Entry.Kind kind, String step, String text, Map<String, String> facts) {
        return new Entry(moving.pace().now(), kind, step, text, facts);
    }

    private void warn(String text) {
        if (!warnings.contains(text)) {
            warnings.add(text);
            progress.warning(text);
        }
    }

    private String title(Step step) {
        return step.title(moving.sides());
    }
}
