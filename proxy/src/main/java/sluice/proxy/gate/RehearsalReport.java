package sluice.proxy.gate;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.RequestClass;

/**
 * What a hold did, or would have done.
 *
 * @param real whether it did
 * @param asked how long it was to last
 * @param lasted how long it lasted; a real one's release not counted
 * @param parked how many came to wait, by class, those that were shed at once included; classes without any are left out
 * @param bytes what all of them occupied together
 * @param shed how many of them were asked to retry, by class and reason
 * @param writesInFlight how many writes were in flight when it began
 * @param ended how long it took until those had ended, or null when some had not
 * @param unknown how many unknown writes would have to be accepted before a hold is drained
 * @param longestWrite how long the longest write had run that was in flight meanwhile, since its head had come
 * @param note what came in between, or went wrong, as a sentence; empty when nothing did
 */
public record RehearsalReport(
        boolean real,
        Duration asked,
        Duration lasted,
        Map<RequestClass, Long> parked,
        long bytes,
        Map<RequestClass, Map<ShedReason, Long>> shed,
        int writesInFlight,
        @Nullable Duration ended,
        int unknown,
        Duration longestWrite,
        String note) {
    public RehearsalReport {
        parked = Map.copyOf(parked);
        shed = Map.copyOf(shed);
    }
}
