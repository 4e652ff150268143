package sluice.proxy.gate;

import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/** For tests of the request path: a gate that is open and stays open. */
public final class OpenGate {
    private OpenGate() {}

    /** One loop's view of a gate that is open towards {@code active}. */
    public static LoopGate on(Loop loop, Side active) {
        ProxyConfig.Gate bounds = ProxyConfig.Gate.DEFAULT;
        Time time = Time.system();
        ParkedQueue queue = new ParkedQueue(bounds, time, new Quiet());
        Routing open = new Routing(1, active, Phase.OPEN, Arrivals.PASS, null, null);
        return new LoopGate(0, loop, open, queue, new InFlight(1, time, () -> {}), time);
    }

    private static final class Quiet implements QueueListener {
        @Override
        public void firstFailed(int release) {}

        @Override
        public void emptied() {}

        @Override
        public void deadline(long nanos) {}
    }
}
