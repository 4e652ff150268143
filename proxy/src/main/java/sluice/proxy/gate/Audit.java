package sluice.proxy.gate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Routing;

/** Writes a line for every change: who, from where, before, after. To the logger {@code sluice.audit}. */
final class Audit {
    private static final Logger LOG = LoggerFactory.getLogger("sluice.audit");

    /** A transition that every loop goes by. */
    void changed(Caller caller, String what, Routing before, Routing after) {
        LOG.info(
                "{} by {} from {}: [{}] -> [{}]", what, caller.who(), caller.from(), describe(before), describe(after));
    }

    /** A change that is no transition. */
    void note(Caller caller, String what) {
        LOG.info("{} by {} from {}", what, caller.who(), caller.from());
    }

    String describe(ParkedQueue.Waiting queue) {
        Tally tally = queue.tally();
        return "parked=" + tally.parkedTotal() + " released=" + tally.releasedTotal() + " shed=" + tally.shedTotal()
                + " gone=" + tally.goneTotal() + " waiting=" + queue.requests();
    }

    private static String describe(Routing routing) {
        Hold hold = routing.hold();
        String state = "epoch " + routing.epoch() + ", " + routing.active().label() + " active, "
                + routing.phase().label() + ", arrivals " + routing.arrivals().label();
        return hold == null
                ? state
                : state + ", hold " + hold.id() + " of " + hold.owner() + " ("
                        + hold.scope().label() + ") until " + hold.expires() + " then "
                        + hold.expiry().label();
    }
}
