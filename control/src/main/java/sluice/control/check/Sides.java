package sluice.control.check;

import java.util.List;
import sluice.control.gate.Gate;

/**
 * Everything that a move touches.
 *
 * @param from the side that has the site now
 * @param to the side that gets it
 * @param gates all proxies; something is done when each of them has said so
 * @param limits how long and how much
 */
public record Sides(Side from, Side to, List<Gate> gates, Limits limits) {
    public Sides {
        gates = List.copyOf(gates);
        if (gates.isEmpty()) {
            throw new IllegalArgumentException("a move needs at least one gate");
        }
        if (from.redis().size() != to.redis().size()) {
            throw new IllegalArgumentException(from.name() + " has "
                    + from.redis().size() + " Redis instances and " + to.name() + " has "
                    + to.redis().size() + ": each needs its counterpart");
        }
    }

    /** How many pairs of Redis instances there are. */
    public int redisPairs() {
        return from.redis().size();
    }

    /** Drops every connection. What is used afterwards opens its own again. */
    public void close() {
        for (Side side : List.of(from, to)) {
            side.postgres().close();
            side.redis().forEach(peer -> peer.server().close());
            if (side.workers() != null) {
                side.workers().close();
            }
        }
        gates.forEach(Gate::close);
    }
}
