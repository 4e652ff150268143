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
 */
public record Routing(
        long epoch,
        Side active,
        Phase phase,
        Arrivals arrivals,
        @Nullable Hold hold) {}
