package sluice.control.run.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.control.run.Entry;
import sluice.control.run.Entry.Kind;
import sluice.control.run.History;
import sluice.control.run.Journal;
import sluice.control.run.model.World.Fate;

/** The journal's file: a record is there or not, whatever the writer was told. */
final class SimJournal implements Journal {
    private final World world;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Entry> heldBack = new ArrayList<>();
    private long writtenAt;

    SimJournal(World world) {
        this.world = world;
    }

    @Override
    public void append(List<Entry> batch) throws JournalException {
        Entry last = batch.get(batch.size() - 1);
        Fate fate = world.change("journal " + last.kind() + " " + last.step());
        if (fate != Fate.FAILED) {
            write(batch);
            world.forgetObservations();
            writtenAt = world.now;
        }
        if (fate == Fate.DONE_THEN_KILLED) {
            throw new Stopped.Crash();
        }
        if (fate != Fate.DONE) {
            world.observe(fate);
            throw new JournalException("journal: input/output error");
        }
    }

    private void write(List<Entry> batch) {
        if (world.mutant == Mutant.INTENT_AFTER_EFFECT) {
            entries.addAll(heldBack);
            heldBack.clear();
            for (Entry entry : batch) {
                boolean intent = entry.kind() == Kind.INTENT
                        || entry.kind() == Kind.FENCE_INTENT
                        || entry.kind() == Kind.PROMOTE_INTENT;
                (intent ? heldBack : entries).add(entry);
            }
        } else {
            entries.addAll(batch);
        }
    }

    /** What the killed program had only in memory is gone. */
    void controlRestarted() {
        heldBack.clear();
    }

    /** A fact, or a constant when it is not there. */
    String fact(String name) {
        return new History(entries).facts().getOrDefault(name, "");
    }

    /** What decides how a run goes on: what was intended, what came last, and how long ago. */
    long mixInto(long key) {
        Set<String> intended = new HashSet<>();
        for (Entry entry : entries) {
            if (entry.kind() == Kind.INTENT
                    || entry.kind() == Kind.FENCE_INTENT
                    || entry.kind() == Kind.PROMOTE_INTENT) {
                intended.add(entry.step());
            }
        }
        long mixed = World.mix(key, intended.hashCode());
        for (Entry held : heldBack) {
            mixed = World.mix(mixed, held.step().hashCode());
        }
        if (!entries.isEmpty()) {
            Entry last = entries.get(entries.size() - 1);
            mixed = World.mix(
                    mixed, last.kind().name().hashCode() * 31L + last.step().hashCode());
            mixed = World.mix(mixed, last.facts().getOrDefault("outcome", "").hashCode());
        }
        return World.mix(mixed, world.now - writtenAt);
    }

    @Override
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    @Override
    public int room() {
        return 1 << 20;
    }

    @Override
    public void close() {}
}
