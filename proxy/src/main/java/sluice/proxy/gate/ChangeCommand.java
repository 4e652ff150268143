package sluice.proxy.gate;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Scope;

/**
 * A change of a hold. Null leaves a value as it is. Every change renews the lease, except one that only accepts unknown
 * writes.
 *
 * @param id the hold
 * @param acceptUnknown ids of unknown writes that shall no longer hinder drained
 */
public record ChangeCommand(
        String id,
        @Nullable Duration ttl,
        @Nullable Expiry expiry,
        @Nullable Scope scope,
        List<String> acceptUnknown) {
    public ChangeCommand {
        if (ttl != null) {
            HoldCommand.checkTtl(ttl);
        }
        acceptUnknown = List.copyOf(acceptUnknown);
    }

    boolean touchesLease() {
        return ttl != null || expiry != null || scope != null || acceptUnknown.isEmpty();
    }
}
