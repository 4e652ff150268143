package sluice.proxy.route;

import org.jspecify.annotations.Nullable;

/**
 * Where requests go and whether they may. Immutable: a request is routed by exactly one of these.
 *
 * @param epoch grows by one at every hold, change of a hold's policy, expiry, flip and release
 * @param active the upstream that new requests go to
 * @param phase how far the hold is
 * @param arrivals what happens to an arrival that the hold concerns
 * @param hold the hold, or null when there is none
 * @param preview who goes to the other side while the gate is open, or null; a change of it is no new epoch
 */
public record Routing(
        long epoch,
        Side active,
        Phase phase,
        Arrivals arrivals,
        @Nullable Hold hold,
        @Nullable Preview preview) {
    /** Another point of a hold's life; the active side and the preview stay. */
    public Routing at(long nextEpoch, Phase nextPhase, Arrivals nextArrivals, @Nullable Hold nextHold) {
        return new Routing(nextEpoch, active, nextPhase, nextArrivals, nextHold, preview);
    }
}
