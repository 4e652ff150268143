package sluice.trial;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sluice.control.run.Entry;
import sluice.control.run.Journal;
import sluice.control.run.WrappedJournal;

/** Kills its own process with SIGKILL at a chosen append, just before or just after it is on disk. */
final class DyingJournal extends WrappedJournal {
    /** Where in the chosen append. */
    enum When {
        /** What the records before it announced has happened; this one is not written. */
        BEFORE,
        /** It is on disk, and what it announces has not begun. */
        AFTER
    }

    private final int append;
    private final When when;
    private int appends;

    DyingJournal(Journal journal, int append, When when) {
        super(journal);
        this.append = append;
        this.when = when;
    }

    @Override
    public void append(List<Entry> entries) throws JournalException {
        boolean chosen = ++appends == append;
        if (chosen && when == When.BEFORE) {
            die();
        }
        journal.append(entries);
        if (chosen) {
            die();
        }
    }

    private static void die() {
        try {
            new ProcessBuilder(
                            "kill",
                            "-KILL",
                            Long.toString(ProcessHandle.current().pid()))
                    .start();
        } catch (IOException e) {
            throw new IllegalStateException("cannot kill this process", e);
        }
        while (true) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
        }
    }
}
