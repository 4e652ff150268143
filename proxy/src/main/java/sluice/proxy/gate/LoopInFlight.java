package sluice.proxy.gate;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/**
 * What is in flight on one loop: the list of it, its counts, and while the gate is not open the reports to {@link InFlight}.
 * Confined to its loop.
 */
final class LoopInFlight {
    private static final Logger LOG = LoggerFactory.getLogger(LoopInFlight.class);

    private final int index;
    private final InFlight drain;
    private final LoopCounts counts;
    private final InFlightList list = new InFlightList();
    private Routing routing;
    private boolean open;
    private @Nullable LoopRehearsal rehearsal;
    /** Whether nobody wants to know: the whole question of the open path. */
    private boolean quiet;
    /** How often drained has been reached on this loop. */
    private int drains;

    LoopInFlight(int index, InFlight drain, LoopCounts counts, Routing start) {
        this.index = index;
        this.drain = drain;
        this.counts = counts;
        this.routing = start;
        follow();
    }

    /** From now on the loop goes by another routing. */
    void install(Routing next) {
        routing = next;
        follow();
        if (next.phase() == Phase.DRAINED) {
            drains++;
            if (counts.allWrites() != 0) {
                LOG.error(
                        "Drained, and loop {} has {} writes in flight: drained was not true",
                        index,
                        counts.allWrites());
            }
        }
        if (!open) {
            drain.report(index, next.epoch(), counts.allWrites());
        }
    }

    /** In flight towards an upstream, from now on. */
    void enter(Passage passage, Side side) {
        passage.side = side;
        passage.drains = drains;
        list.add(passage);
        count(passage, 1);
        report(passage);
    }

    /** No longer in flight. */
    void leave(Passage passage) {
        list.remove(passage);
        count(passage, -1);
        report(passage);
    }

    /** A write is no longer in flight and nobody can say whether it happened: one step. */
    void broke(Passage passage, RequestInfo request) {
        list.remove(passage);
        count(passage, -1);
        drain.unknown(index, routing.epoch(), counts.allWrites(), request);
        LoopRehearsal present = rehearsal;
        if (present != null) {
            present.ended(passage);
        }
    }

    /** Counts a write that starts after drained although it was let through before: drained was not true then. */
    void starts(Passage passage) {
        if (passage.requestClass.isWrite() && (passage.drains != drains || routing.phase() == Phase.DRAINED)) {
            counts.staleWrites++;
            LOG.error(
                    "A write starts towards {} after drained: {}",
                    passage.side.label(),
                    passage.owner().describe());
        }
    }

    /** A rehearsal begins. */
    void rehearse(LoopRehearsal begins) {
        rehearsal = begins;
        begins.start(this);
        follow();
    }

    /** It is over; nothing happens when it is already. */
    void rehearsed(LoopRehearsal ends) {
        if (rehearsal == ends) {
            rehearsal = null;
            ends.stop(this);
            follow();
        }
    }

    /** The write that was let through first; null when none is in flight. Looks through the reads before it. */
    @Nullable
    Passage oldestWrite() {
        return list.first(passage -> passage.requestClass.isWrite());
    }

    /** Each of them, oldest first. */
    void forEach(Consumer<Passage> each) {
        list.forEach(each);
    }

    private void report(Passage passage) {
        if (quiet || !passage.requestClass.isWrite()) {
            return;
        }
        if (!open) {
            drain.report(index, routing.epoch(), counts.allWrites());
        }
        LoopRehearsal present = rehearsal;
        if (present != null && passage.place == Passage.Place.IDLE) {
            present.ended(passage);
        }
    }

    private void follow() {
        open = routing.phase() == Phase.OPEN;
        quiet = open && rehearsal == null;
    }

    private void count(Passage passage, int change) {
        int side = passage.side.ordinal();
        counts.inFlight[side] += change;
        if (passage.requestClass.isWrite()) {
            counts.writes[side] += change;
        }
    }
}
