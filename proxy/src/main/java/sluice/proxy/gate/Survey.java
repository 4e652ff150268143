package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;
import sluice.proxy.route.Switchboard;

/** Goes round all loops and says what the gate's state is. Confined to the switchboard's thread. */
final class Survey {
    private final Switchboard switchboard;
    private final Transitions transitions;
    private final LoopGates loops;
    private final String trouble;

    /** @param trouble what was wrong with the state at the start; empty when nothing was */
    Survey(Switchboard switchboard, Transitions transitions, LoopGates loops, String trouble) {
        this.switchboard = switchboard;
        this.transitions = transitions;
        this.loops = loops;
        this.trouble = trouble;
    }

    private String trouble(boolean lost) {
        String damage = switchboard.damage();
        return !lost ? damage : damage.isEmpty() ? trouble : trouble + "; " + damage;
    }

    /** What is in flight, waits, or is unknown, oldest first. */
    CompletableFuture<List<RequestInfo>> requests() {
        List<RequestInfo> all = Collections.synchronizedList(new ArrayList<>());
        return loops.over(gate -> gate.describe(all::add)).thenApply(done -> {
            all.addAll(transitions.inFlight().unknown());
            return all.stream()
                    .sorted(Comparator.comparingLong(RequestInfo::ageMillis).reversed())
                    .toList();
        });
    }

    /** The counts of all loops, and a routing that all of them go by when they are counted. */
    CompletableFuture<GateState> state() {
        Routing routing = switchboard.routing();
        List<LoopCounts> counts = Collections.synchronizedList(new ArrayList<>());
        return loops.over(gate -> counts.add(gate.counts())).thenApply(done -> {
            LoopCounts all = new LoopCounts();
            counts.forEach(all::add);
            Map<Side, GateState.OnSide> sides = new EnumMap<>(Side.class);
            for (Side side : Side.values()) {
                int i = side.ordinal();
                sides.put(side, new GateState.OnSide(all.inFlight[i], all.writes[i], all.streams[i]));
            }
            Waiting queue = transitions.queue().snapshot();
            InFlight drain = transitions.inFlight();
            boolean lost = routing.hold() != null && routing.hold().id().equals(Start.LOST_HOLD);
            return new GateState(
                    routing,
                    queue.requests(),
                    queue.bytes(),
                    queue.oldestNanos(),
                    drain.unknown().size(),
                    drain.unknownTotal(),
                    all.staleWrites,
                    sides,
                    queue.tally(),
                    all.oldestWriteMillis,
                    transitions.closer().progress(all),
                    trouble(lost));
        });
    }
}
