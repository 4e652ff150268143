package sluice.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import sluice.control.run.FileJournal;
import sluice.control.run.History;
import sluice.control.run.Outcome;
import sluice.control.run.StateFolder;
import sluice.testbed.LocalProcess;

/**
 * {@code kill -9} of control at every journal record, before and after it is on disk, on a live site. The site moves
 * there and back as the runs that were killed late are finished.
 */
class KillIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final int KILLED = 128 + 9;
    /** A move has more records than this: the loop has gone through all of them. */
    private static final int RECORDS = 14;

    private String active = "old";

    @Test
    void recoverOrAbortEndsEveryRunAndNothingIsLost() throws Exception {
        try (Trial trial = new Trial()) {
            int append = 1;
            while (killedAt(trial, append, DyingJournal.When.BEFORE)
                    && killedAt(trial, append, DyingJournal.When.AFTER)) {
                append++;
            }
            assertThat(append).as("records of a move").isGreaterThan(RECORDS);
            trial.neverBothWritable();
            trial.nothingIsLostOn(active);
        }
    }

    /** Returns whether it was killed: a run that had fewer records is done. */
    private boolean killedAt(Trial trial, int append, DyingJournal.When when) throws Exception {
        String from = active;
        String to = from.equals("old") ? "new" : "old";
        String place = "killed " + when + " record " + append + " of a move to " + to;
        LocalProcess move = LocalProcess.start(
                place,
                trial.log("move"),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingMove.class.getName(),
                        trial.stage().siteFile().toString(),
                        from,
                        to,
                        Integer.toString(append),
                        when.name()));
        int exit = move.awaitEnd(BOUND);
        trial.neverBothWritable();
        if (exit == DyingMove.LIVED) {
            active = to;
            return false;
        }
        assertThat(exit).as("%s: %s", place, move.lines()).isEqualTo(KILLED);

        boolean late = pastPointOfNoReturn(trial);
        boolean withAbort = append % 2 == 1 ^ when == DyingJournal.When.AFTER;
        Outcome outcome = end(trial, withAbort, late);
        assertThat(outcome.kind())
                .as("%s: %s", place, outcome)
                .isEqualTo(late ? Outcome.Kind.DONE : Outcome.Kind.ABORTED);
        active = late ? to : from;
        trial.openTo(active);
        trial.serves();
        trial.neverBothWritable();
        return true;
    }

    /** Half of them with abort, which refuses once the databases may have been switched. */
    private static Outcome end(Trial trial, boolean withAbort, boolean late) throws Exception {
        if (withAbort) {
            Outcome outcome = trial.moves(UnaryOperator.identity()).abort(BOUND);
            if (!late) {
                return outcome;
            }
            assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Outcome.Kind.REFUSED);
        }
        return trial.moves(UnaryOperator.identity()).recover();
    }

    private static boolean pastPointOfNoReturn(Trial trial) throws Exception {
        StateFolder folder = trial.machinery().folder();
        String run = folder.latest().orElseThrow();
        return new History(FileJournal.read(folder.journal(run))).pastPointOfNoReturn();
    }
}
