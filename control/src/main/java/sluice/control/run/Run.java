package sluice.control.run;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import sluice.control.check.Sides;
import sluice.control.run.Journal.JournalException;
import sluice.control.step.Pace;
import sluice.control.step.Step;
import sluice.control.step.Step.Tier;
import sluice.control.step.StepException;

/**
 * One execution of a move.
 *
 * <pre>
 *   BEGIN → 1 check → 3 jobs paused → 4 prepare → 5 hold → 6 marker → 7 seal → 8 flip → 9 fence Redis → 10 fence Postgres → 11 proof
 *              │            └────────────┴───────────┴─────────┴────────┴───────┴── any failure, time-out, abort request ──┴───┐
 *              └─► REFUSED                                                                                                     ▼
 *                                                                                                undo all, last first ──► ABORTED
 *                                                                                                           └─► NEEDS_OPERATOR
 *   12 PROMOTE_INTENT, promote → 13 verify → 14 release → 15 jobs go on → 16 reverse replica → 17 report ──► DONE
 *        └────────── fails: tried again, never undone ──► NEEDS_OPERATOR        (15, 16, 17 fail: a warning)
 * </pre>
 *
 * Each arrow into a step is a record on disk before the step's first effect. Killed anywhere, {@link Recovery} takes the
 * same edges from what the journal has.
 */
public final class Run {
    private final Course course;

    /**
     * @param id this run's
     * @param journal empty; the caller has the lock and closes it
     * @param abortRequested whether somebody asked this run to undo itself
     */
    public Run(
            String id,
            Sides sides,
            List<Step> steps,
            Journal journal,
            Pace pace,
            BooleanSupplier abortRequested,
            Progress progress) {
        this.course = new Course(id, sides, steps, journal, pace, abortRequested, progress);
        if (journal.room() < Journal.ROOM_FOR_A_RUN) {
            throw new IllegalArgumentException("the journal has room for " + journal.room() + " bytes only");
        }
    }

    /** Moves. Returns when the run has ended one way or the other; asks nothing. */
    public Outcome move() throws JournalException {
        course.moving().facts().put("from", course.moving().from().name());
        course.moving().facts().put("to", course.moving().to().name());
        course.write(Entry.Kind.BEGIN, "", course.moving().run());
        for (Step step : course.steps()) {
            if (step.tier() == Tier.POINT_OF_NO_RETURN) {
                return pass(step);
            }
            String problem = "";
            try {
                course.vigil().look();
                if (step.number() == 5) {
                    course.vigil().holding(course.moving().gates());
                }
                course.perform(step);
            } catch (StepException | IOException | RuntimeException failed) {
                problem = failed.getMessage() == null ? failed.toString() : failed.getMessage();
            }
            if (!problem.isEmpty()) {
                course.noteFailure(step, problem);
                return step.number() == 1
                        ? course.end(Outcome.Kind.REFUSED, problem)
                        : course.undoAll(step.title(course.moving().sides()) + ": " + problem);
            }
        }
        return course.goForward();
    }

    /** The last look, then the record after which nothing is undone. */
    private Outcome pass(Step step) {
        try {
            course.vigil().look();
        } catch (StepException late) {
            course.noteFailure(step, String.valueOf(late.getMessage()));
            return course.undoAll(String.valueOf(late.getMessage()));
        }
        try {
            course.write(Entry.Kind.PROMOTE_INTENT, step.id(), "");
        } catch (JournalException failed) {
            // It may be on disk or not: neither way is allowed on a guess. Whoever reads the file next will know.
            return course.end(
                    Outcome.Kind.NEEDS_OPERATOR,
                    failed.getMessage() + ". Can the disk be written again? Then `sluice recover` reads the journal and"
                            + " goes the right way. Meanwhile both sides refuse writes, and nothing is lost.");
        }
        return course.goForward();
    }
}
