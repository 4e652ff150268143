package sluice.control.run.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sluice.control.run.Entry;
import sluice.control.run.Entry.Kind;
import sluice.control.run.Journal;
import sluice.control.run.model.World.Fate;

/** The journal's file: a record is there or not, whatever the writer was told. */
final class SimJournal implements Journal {
    private final World world;
    private final List<Entry> entries = new ArrayList<>();
    private final List<Entry> heldBack = new ArrayList<>();
    private final Map<String, String> facts = new HashMap<>();
    private long summary;
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
                (isIntent(entry) ? heldBack : entries).add(entry);
            }
        } else {
            entries.addAll(batch);
        }
        summarise();
    }

    /** What the killed program had only in memory is gone. */
    void controlRestarted() {
        heldBack.clear();
        summarise();
    }

    /** A fact, or the empty string when it is not there. */
    String fact(String name) {
        return facts.getOrDefault(name, "");
    }

    /** What decides how a run goes on: what was intended, what came last, and how long ago. */
    long mixInto(long key) {
        return World.mix(World.mix(key, summary), world.now - writtenAt);
    }

    private void summarise() {
        Set<String> intended = new HashSet<>();
        for (Entry entry : entries) {
            facts.putAll(entry.facts());
            if (isIntent(entry)) {
                intended.add(entry.step());
            }
        }
        summary = intended.hashCode();
        for (Entry held : heldBack) {
            summary = World.mix(summary, held.step().hashCode());
        }
        if (!entries.isEmpty()) {
            Entry last = entries.get(entries.size() - 1);
            summary = World.mix(
                    summary, last.kind().name().hashCode() * 31L + last.step().hashCode());
            summary =
                    World.mix(summary, last.facts().getOrDefault("outcome", "").hashCode());
        }
    }

    private static boolean isIntent(Entry entry) {
        return entry.kind() == Kind.INTENT || entry.kind() == Kind.FENCE_INTENT || entry.kind() == Kind.PROMOTE_INTENT;
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
