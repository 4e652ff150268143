package sluice.control.step;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run has learnt and must not forget: it goes into the journal with the next record. Used by one thread.
 */
public final class Facts {
    private final Map<String, String> all = new LinkedHashMap<>();
    private final Map<String, String> fresh = new LinkedHashMap<>();

    /** Notes a fact; the journal has it when the next step's intent is written. */
    public void put(String key, Object value) {
        all.put(key, value.toString());
        fresh.put(key, value.toString());
    }

    /** What the journal already has. */
    public void restore(Map<String, String> known) {
        all.putAll(known);
    }

    public @Nullable String get(String key) {
        return all.get(key);
    }

    /** A fact without which a step cannot go on. */
    public String need(String key) throws StepException {
        String value = all.get(key);
        if (value == null) {
            throw StepException.unsafe("the journal does not say \"" + key + "\", which is needed here");
        }
        return value;
    }

    /** What was noted since the last call. */
    public Map<String, String> takeFresh() {
        Map<String, String> taken = Map.copyOf(fresh);
        fresh.clear();
        return taken;
    }
}
