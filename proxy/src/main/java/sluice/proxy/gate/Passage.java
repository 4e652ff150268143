package sluice.proxy.gate;

import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/**
 * One request's dealings with the gate. A connection makes one and uses it for all its requests, one after another:
 * the open path allocates nothing. Confined to the connection's event loop.
 */
@SuppressWarnings("DoNotCallSuggester") // skeleton
public final class Passage {
    /** The request behind a passage. All calls come on the connection's event loop. */
    public interface Owner {
        /** The wait is over: the request is in flight towards {@link Passage#side()}. */
        void granted();

        /** The request will not be let through: answer 503. */
        void shed(ShedReason reason, int retryAfterSeconds);

        /** For {@code GET /v1/requests}. */
        RequestInfo describe();
    }

    private final Owner owner;

    public Passage(Owner owner) {
        this.owner = owner;
    }

    public Side side() {
        throw new UnsupportedOperationException();
    }

    public RequestClass requestClass() {
        throw new UnsupportedOperationException();
    }

    /** How long this request waited at the gate, in nanoseconds; 0 when it did not. */
    public long waitedNanos() {
        return 0;
    }

    Owner owner() {
        return owner;
    }
}
