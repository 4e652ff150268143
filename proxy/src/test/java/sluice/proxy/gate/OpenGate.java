package sluice.proxy.gate;

import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/** For tests of the request path: a gate that is open and stays open. */
public final class OpenGate {
    private OpenGate() {}

    /** One loop's view of a gate that is open towards {@code active}. */
    public static LoopGate on(Loop loop, Side active) {
        return new LoopGate(loop, new Routing(1, active, Phase.OPEN, Arrivals.PASS, null));
    }
}
