package sluice.control.run;

import java.util.List;

/** A real journal, with something happening around its appends. */
public abstract class WrappedJournal implements Journal {
    protected final Journal journal;

    protected WrappedJournal(Journal journal) {
        this.journal = journal;
    }

    @Override
    public abstract void append(List<Entry> entries) throws JournalException;

    @Override
    public final List<Entry> entries() {
        return journal.entries();
    }

    @Override
    public final int room() {
        return journal.room();
    }

    @Override
    public final void close() {
        journal.close();
    }
}
