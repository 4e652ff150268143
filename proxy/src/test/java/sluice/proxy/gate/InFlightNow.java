package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.List;

/** What a loop's gate has in flight, without asking the switchboard. On the loop. */
public final class InFlightNow {
    private InFlightNow() {}

    public static List<RequestInfo> of(LoopGate gate) {
        List<RequestInfo> all = new ArrayList<>();
        gate.describe(all::add);
        return all;
    }
}
