package sluice.proxy.gate;

import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What is in flight on one loop, oldest first. The links are in the passages, so that the open path allocates nothing. */
final class InFlightList {
    private @Nullable Passage oldest;
    private @Nullable Passage newest;

    void add(Passage passage) {
        passage.place = Passage.Place.IN_FLIGHT;
        Passage before = newest;
        passage.previous = before;
        passage.next = null;
        if (before == null) {
            oldest = passage;
        } else {
            before.next = passage;
        }
        newest = passage;
    }

    void remove(Passage passage) {
        if (passage.place != Passage.Place.IN_FLIGHT) {
            throw new IllegalStateException("a request ended that is not in flight: it is " + passage.place);
        }
        passage.place = Passage.Place.IDLE;
        Passage before = passage.previous;
        Passage after = passage.next;
        if (before == null) {
            oldest = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.previous = before;
        }
        passage.previous = null;
        passage.next = null;
    }

    /** The oldest one that is such. */
    @Nullable
    Passage first(Predicate<Passage> such) {
        Passage passage = oldest;
        while (passage != null && !such.test(passage)) {
            passage = passage.next;
        }
        return passage;
    }

    void forEach(Consumer<Passage> each) {
        for (Passage passage = oldest; passage != null; passage = passage.next) {
            each.accept(passage);
        }
    }
}
