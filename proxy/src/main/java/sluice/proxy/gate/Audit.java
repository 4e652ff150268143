package sluice.proxy.gate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Routing;

/** Writes a line for every change: who, from where, before, after. To the logger {@code sluice.audit}. */
final class Audit {
    private final Logger log;

    private Audit(Logger log) {
        this.log = log;
    }

    /** The real one. */
    static Audit kept() {
        return new Audit(LoggerFactory.getLogger("sluice.audit"));
    }

    /** For a gate that is not real: nothing is written. */
    static Audit none() {
        return new Audit(NOPLogger.NOP_LOGGER);
    }

    /** A transition that every loop goes by. */
    void changed(Caller caller, String what, Routing before, Routing after) {
        log.info(
                "{} by {} from {}: [{}] -> [{}]", what, caller.who(), caller.from(), describe(before), describe(after));
    }

    /** A change that is no transition. */
    void note(Caller caller, String what) {
        log.info("{} by {} from {}", what, caller.who(), caller.from());
    }

    /** A hold is over and the gate is open, or the next one has begun. */
    void ended(HoldReport report) {
        log.info("Over: {}", report);
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
