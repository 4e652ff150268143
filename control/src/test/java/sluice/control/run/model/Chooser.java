package sluice.control.run.model;

import java.util.Arrays;
import java.util.function.LongSupplier;

/** Replays the choices of a prefix, then takes the first of each and leaves the others to the search. */
final class Chooser {
    private final Search search;
    private final int[] prefix;
    private int[] taken = new int[64];
    private int depth;
    private int faultsLeft;

    Chooser(Search search, int[] prefix, int faults) {
        this.search = search;
        this.prefix = prefix;
        this.faultsLeft = faults;
    }

    int faultsLeft() {
        return faultsLeft;
    }

    void spend() {
        faultsLeft--;
    }

    /** No more faults: what comes now must end well. */
    void calm() {
        faultsLeft = 0;
    }

    /** One of {@code options}; asked also when there is only one, because a known state needs no second look. */
    int choose(int options, LongSupplier state) {
        if (depth < prefix.length) {
            int choice = options == 1 ? 0 : prefix[depth];
            if (options > 1) {
                push(choice);
            }
            return choice;
        }
        if (!search.fresh(state.getAsLong(), faultsLeft)) {
            throw new Stopped.Pruned();
        }
        if (options == 1) {
            return 0;
        }
        for (int other = options - 1; other > 0; other--) {
            int[] alternative = Arrays.copyOf(taken, depth + 1);
            alternative[depth] = other;
            if (depth < taken.length) {
                System.arraycopy(taken, 0, alternative, 0, depth);
            }
            search.leave(alternative);
        }
        push(0);
        return 0;
    }

    private void push(int choice) {
        if (depth == taken.length) {
            taken = Arrays.copyOf(taken, depth * 2);
        }
        taken[depth++] = choice;
    }

    int[] path() {
        return Arrays.copyOf(taken, depth);
    }
}
