package sluice.control.run.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * All choices, each state once; a state is looked at again only with more faults left than before. With a mutant only
 * the invariant that its rule keeps ends the search.
 */
final class Search {
    private final Mutant mutant;
    private final int faults;
    private final boolean jobs;
    private final Map<Long, Byte> seen = new HashMap<>();
    private final List<int[]> open = new ArrayList<>();
    private final Random order = new Random(20261123);
    private final Map<String, Integer> ends = new TreeMap<>();
    private int executions;

    Search(Mutant mutant, int faults) {
        this(mutant, faults, mutant.jobs());
    }

    /** @param jobs whether there is a Sidekiq on each side */
    Search(Mutant mutant, int faults, boolean jobs) {
        this.jobs = jobs;
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
        open.add(path);
    }

    /** Depth first keeps the list short; looking for one defect is quicker all over the place. */
    private int[] next() {
        int last = open.size() - 1;
        if (mutant != Mutant.NONE) {
            Collections.swap(open, order.nextInt(last + 1), last);
        }
        return open.remove(last);
    }

    Result go() {
        open.add(new int[0]);
        while (!open.isEmpty()) {
            int[] prefix = next();
            executions++;
            Chooser chooser = new Chooser(this, prefix, faults);
            try {
                ends.merge(new Execution(new World(chooser, mutant, jobs, false)).go(), 1, Integer::sum);
            } catch (Stopped.Pruned known) {
                // Its continuations are on the stack already, or done.
            } catch (Stopped.Violation broken) {
                if (!broken.getMessage().contains(mutant.breaks())) {
                    continue;
                }
                return new Result(
                        seen.size(), executions, ends, broken.getMessage(), trace(chooser.path(), broken.getMessage()));
            }
        }
        return new Result(seen.size(), executions, ends, null, List.of());
    }

    private List<String> trace(int[] path, String expected) {
        World world = new World(new Chooser(new Search(mutant, faults, jobs), path, faults), mutant, jobs, true);
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
