package sluice.proxy.gate;

import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Preview;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/**
 * One request's dealings with the gate. A connection makes one and uses it for all its requests, one after another:
 * the open path allocates nothing. Confined to the connection's event loop.
 */
public final class Passage {
    /** The request behind a passage. All calls come on the connection's event loop. */
    public interface Owner {
        /** The wait is over: the request is in flight towards {@link Passage#side()}. */
        void granted();

        /** The request will not be let through: answer 503. */
        void shed(ShedReason reason, int retryAfterSeconds);

        /**
         * The client's address as text, as it is sent in X-Forwarded-For. Asked only when the request comes to wait: a client
         * may have so many waiting requests and no more.
         */
        String clientAddress();

        /**
         * Whether the client's connection has room for one more that waits: of an HTTP/2 connection's streams only some may,
         * or its reads would find none. Asked only when the request comes to wait.
         */
        default boolean mayWait() {
            return true;
        }

        /**
         * For {@code GET /v1/requests}. The gate itself fills in {@code id}, {@code where}, {@code side} and {@code bytes}:
         * what is given for them does not matter. The age of a request in flight counts from when it was let through; that of a
         * waiting one is the gate's too.
         */
        RequestInfo describe();
    }

    /** Where a passage is. */
    enum Place {
        /** Nowhere: no request, or it has ended. */
        IDLE,
        PARKED,
        IN_FLIGHT
    }

    private final Owner owner;

    // The rest belongs to the LoopGate of this passage's loop.
    Place place = Place.IDLE;
    RequestClass requestClass = RequestClass.READ;
    Side side = Side.OLD;
    long bytes;
    /** Numbers the loop's requests; a part of the request's id. */
    long number;

    long waitedNanos;
    /** How often drained had been reached on this loop when the request was let through. */
    int drains;
    /** The preview that it went by; null when it went to the active side. */
    @Nullable
    Preview preview;
    /** Whether it has been parked again after a failure: that happens once. */
    boolean parkedAgain;

    /** The rehearsal at whose beginning it was in flight. */
    @Nullable
    LoopRehearsal rehearsal;

    /** The release whose slot it holds; 0 for none. */
    int release;
    /** Its place in the queue while it waits. */
    @Nullable
    Parked parked;

    /** Neighbours in the loop's list of what is in flight. */
    @Nullable
    Passage previous;

    @Nullable
    Passage next;

    public Passage(Owner owner) {
        this.owner = owner;
    }

    /** The upstream that it was let through to. Means something only while the request is in flight. */
    public Side side() {
        return side;
    }

    /** The class with which it asked. */
    public RequestClass requestClass() {
        return requestClass;
    }

    /** How long this request waited at the gate, in nanoseconds; 0 when it did not. */
    public long waitedNanos() {
        return waitedNanos;
    }

    Owner owner() {
        return owner;
    }
}
