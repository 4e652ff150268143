package sluice.control.run.model;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Depth-first over all choices; a state is looked at again only with more faults left than before. */
final class Search {
    private final Mutant mutant;
    private final int faults;
    private final Map<Long, Byte> seen = new HashMap<>();
    private final Deque<int[]> open = new ArrayDeque<>();
    private final Map<String, Integer> ends = new TreeMap<>();
    private int executions;

    Search(Mutant mutant, int faults) {
        this.mutant = mutant;
        this.faults = faults;
    }

    /**
     * What came out.
     *
     * @param states different states
     * @param executions paths from the beginning
     * @param ends how often each end was reached
     * @param violation the broken invariant, or null
     * @param trace what led to it
     */
    record Result(int states, int executions, Map<String, Integer> ends, String violation, List<String> trace) {}

    boolean fresh(long state, int faultsLeft) {
        Byte before = seen.get(state);
        if (before != null && before >= faultsLeft) {
            return false;
        }
        seen.put(state, (byte) faultsLeft);
        return true;
    }

    void leave(int[] path) {
        open.push(path);
    }

    Result go() {
        open.push(new int[0]);
        while (!open.isEmpty()) {
            int[] prefix = open.pop();
            executions++;
            Chooser chooser = new Chooser(this, prefix, faults);
            try {
                ends.merge(new Execution(new World(chooser, mutant, false)).go(), 1, Integer::sum);
            } catch (Stopped.Pruned known) {
                // Its continuations are on the stack already, or done.
            } catch (Stopped.Violation broken) {
                return new Result(
                        seen.size(), executions, ends, broken.getMessage(), trace(chooser.path(), broken.getMessage()));
            }
        }
        return new Result(seen.size(), executions, ends, null, List.of());
    }

    private List<String> trace(int[] path, String expected) {
        World world = new World(new Chooser(new Search(mutant, faults), path, faults), mutant, true);
        try {
            new Execution(world).go();
        } catch (Stopped.Violation again) {
            if (again.getMessage().equals(expected)) {
                return world.trace();
            }
        }
        throw new IllegalStateException("not repeatable: " + expected);
    }
}
