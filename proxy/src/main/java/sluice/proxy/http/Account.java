package sluice.proxy.http;

import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Passage;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Route;
import sluice.proxy.route.Service;
import sluice.proxy.route.Side;

/**
 * What the gate and the metrics are told of a request that was let through: each end of it once, and of a write that was sent and
 * had no answer that nobody can say whether it happened. One for each {@link Relay}, for its requests one after another. Confined
 * to its event loop.
 */
final class Account {
    private final RequestPath path;

    private @Nullable Passage passage;
    private @Nullable Route route;
    private Side side = Side.OLD;
    private boolean safe;
    /** Whether the gate counts it as in flight. */
    private boolean inFlight;

    private boolean sent;
    private int status;
    private long since;

    Account(RequestPath path) {
        this.path = path;
    }

    /**
     * Another request was let through.
     *
     * @param maySendAgain whether it is safe
     */
    void begin(Passage let, Route to, boolean maySendAgain) {
        passage = let;
        route = to;
        side = let.side();
        safe = maySendAgain;
        inFlight = true;
        sent = false;
        status = 0;
        since = path.now();
    }

    /** The side that is asked. */
    Side side() {
        return side;
    }

    Service service() {
        return route().service();
    }

    RequestClass requestClass() {
        return route().requestClass();
    }

    /** Whether it may be sent more than once. */
    boolean safe() {
        return safe;
    }

    boolean inFlight() {
        return inFlight;
    }

    /** When it was let through, or the other side was asked, in nanoseconds of the path's clock. */
    long since() {
        return since;
    }

    /** The first byte is about to go upstream. */
    void sending() {
        sent = true;
    }

    /** The status of its answer, for the client's eyes or not. */
    void answered(int with) {
        status = with;
    }

    /** This side has not got it: the other one is asked. */
    void otherSide() {
        count();
        side = side.other();
        since = path.now();
    }

    /** It has become a stream, of which the gate knows otherwise. */
    void streamOpened() {
        inFlight = false;
        count();
    }

    /** It failed, and the gate is asked what becomes of it. */
    void failed() {
        inFlight = false;
    }

    /** Its answer has ended as HTTP has it. */
    void ended() {
        if (inFlight) {
            inFlight = false;
            path.gate().ended(passage(), status);
            count();
        }
    }

    /** There will be no more of an answer. */
    void settle() {
        if (inFlight) {
            inFlight = false;
            count();
            if (sent && passage().requestClass().isWrite()) {
                path.gate().unknown(passage());
            } else {
                path.gate().ended(passage(), 0);
            }
        }
    }

    /** Its client has gone, and nothing depends on its answer. */
    void dropped() {
        if (inFlight) {
            inFlight = false;
            path.gate().ended(passage(), 0);
        }
    }

    /** Whether its answer is waited for though its client has gone: something may have changed by it. */
    boolean mustBeSeenThrough() {
        return inFlight && sent && !safe;
    }

    /** For the metrics. */
    void count() {
        path.metrics().request(side.ordinal(), requestClass().ordinal(), status, path.now() - since);
    }

    private Route route() {
        Route r = route;
        if (r == null) {
            throw new IllegalStateException("no request");
        }
        return r;
    }

    private Passage passage() {
        Passage p = passage;
        if (p == null) {
            throw new IllegalStateException("no request");
        }
        return p;
    }
}
