package sluice.control.gate;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/state}, as far as a run needs it.
 *
 * @param oldestWriteMillis for how long the oldest write in flight has been running; 0 without one
 * @param healthy each upstream's name, and whether the proxy's last probe of it went well
 * @param preview the upstream that chosen requests go to, if any do
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
        long oldestWriteMillis,
        int unknown,
        Map<String, Boolean> healthy,
        @Nullable String preview,
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
