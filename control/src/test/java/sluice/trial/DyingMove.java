package sluice.trial;

import java.nio.file.Path;
import sluice.control.Machinery;
import sluice.control.run.History.Direction;
import sluice.control.run.Outcome;
import sluice.control.run.Progress;
import sluice.control.site.SiteFile;

/** The real move in a process of its own that kills itself at a record: {@code SITE FROM TO APPEND BEFORE|AFTER}. */
final class DyingMove {
    /** What it ends with when the move had fewer records. */
    static final int LIVED = 90;

    private DyingMove() {}

    public static void main(String[] args) throws Exception {
        int append = Integer.parseInt(args[3]);
        DyingJournal.When when = DyingJournal.When.valueOf(args[4]);
        Outcome outcome = new Machinery(SiteFile.read(Path.of(args[0])))
                .moves(Progress.none(), journal -> new DyingJournal(journal, append, when))
                .move(new Direction(args[1], args[2]));
        System.out.println(outcome);
        System.exit(outcome.kind() == Outcome.Kind.DONE ? LIVED : 1);
    }
}
