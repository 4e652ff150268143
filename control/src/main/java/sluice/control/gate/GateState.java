package sluice.control.gate;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/state}, as far as a run needs it.
 *
 * @param healthy each upstream's name, and whether the proxy's last probe of it went well
 */
public record GateState(
        long epoch,
        String active,
        String phase,
        String arrivals,
        @Nullable Hold hold,
        int waiting,
        long oldestMillis,
        int writesInFlight,
        int unknown,
        Map<String, Boolean> healthy,
        Totals totals) {

    public record Hold(String id, String owner, long ttlMillis, String expiry) {}

    public record Totals(long parked, long released, long shed, long gone, long staleWrites) {}

    public boolean drained() {
        return phase.equals("drained");
    }

    public boolean open() {
        return phase.equals("open");
    }
}
