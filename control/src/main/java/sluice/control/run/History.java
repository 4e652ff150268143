package sluice.control.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a journal says about its run.
 *
 * @param entries oldest first
 */
public record History(List<Entry> entries) {
    public History {
        entries = List.copyOf(entries);
    }

    /** Whether the promotion may have been asked for. */
    public boolean pastPointOfNoReturn() {
        return entries.stream().anyMatch(entry -> entry.kind() == Entry.Kind.PROMOTE_INTENT);
    }

    /** Whether this step may have had effects. */
    public boolean intended(String step) {
        return entries.stream()
                .anyMatch(entry -> entry.kind().isIntent() && entry.step().equals(step));
    }

    /** How it ended, if it did. A run that asks somebody has not ended. */
    public Optional<Outcome.Kind> ended() {
        return last().filter(kind -> kind != Outcome.Kind.NEEDS_OPERATOR);
    }

    /** The last outcome that was written, also a question, unless something was tried after it. */
    public Optional<Outcome.Kind> last() {
        if (entries.isEmpty()) {
            return Optional.empty();
        }
        Entry last = entries.get(entries.size() - 1);
        return last.kind() == Entry.Kind.END
                ? Optional.of(Outcome.Kind.valueOf(last.facts().getOrDefault("outcome", "NEEDS_OPERATOR")))
                : Optional.empty();
    }

    /** All facts; later ones win. */
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        entries.forEach(entry -> facts.putAll(entry.facts()));
        return facts;
    }

    /** The names of the side that the run leaves and of the one that it goes to. */
    public Optional<Direction> direction() {
        Map<String, String> facts = facts();
        String from = facts.get("from");
        String to = facts.get("to");
        return from == null || to == null ? Optional.empty() : Optional.of(new Direction(from, to));
    }

    /** From which side to which. */
    public record Direction(String from, String to) {
        public static final Direction THERE = new Direction("old", "new");
        public static final Direction BACK = new Direction("new", "old");
    }
}
