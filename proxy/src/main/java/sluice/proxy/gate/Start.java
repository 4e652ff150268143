package sluice.proxy.gate;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/**
 * With what a gate starts.
 *
 * @param trouble what somebody should look at, as a sentence; empty when there is nothing
 * @param endedWell whether nothing can still be in flight from before
 */
record Start(Routing routing, String trouble, boolean endedWell) {
    /** The id of the hold that stands when nobody can tell the state. */
    static final String LOST_HOLD = "state-file";

    private static final Logger LOG = LoggerFactory.getLogger(Start.class);

    /**
     * Takes up what the state file says.
     *
     * @param first the active upstream of the very first start
     * @throws IOException there is no state to be kept
     */
    static Start from(StateFile file, Side first, Time time) throws IOException {
        StateFile.Opened found = file.open();
        Routing routing = file.routing();
        if (found == StateFile.Opened.FIRST_USE) {
            routing = new Routing(1, first, Phase.OPEN, Arrivals.PASS, null, null);
            file.create(routing);
        } else if (found == StateFile.Opened.LOST || routing == null) {
            routing = shut(time);
            LOG.error("The gate is shut and sheds everything until it is released: {}", file.trouble());
            file.create(routing);
        } else {
            LOG.info("The gate comes back as it was: {}", routing);
        }
        return new Start(routing, file.trouble(), file.endedWell());
    }

    /** Held, shedding, everything: nothing is known. The epoch is larger than any that was ever counted. */
    private static Routing shut(Time time) {
        Instant now = time.wall().instant();
        Hold hold = new Hold(LOST_HOLD, "state file", now, Duration.ofMillis(1), now, Expiry.SHED, Scope.ALL);
        return new Routing(now.getEpochSecond(), Side.OLD, Phase.HOLDING, Arrivals.SHED, hold, null);
    }
}
