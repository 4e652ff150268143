package sluice.proxy.gate;

import java.util.LinkedHashMap;
import java.util.Map;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/** The gate as one event loop sees it: no lock and no atomic operation while it is open. Confined to its loop. */
public final class LoopGate {
    private final Loop loop;
    private final int[] inFlight = new int[Side.values().length];
    private final int[] writes = new int[Side.values().length];
    private final Map<Stream, Side> streams = new LinkedHashMap<>();

    /** The head of the list of what is in flight; no request itself. */
    private final Passage ring = new Passage(new Nobody());

    private Routing routing;
    private long requests;
    private long staleWrites;

    LoopGate(Loop loop, Routing routing) {
        this.loop = loop;
        this.routing = routing;
        ring.next = ring;
        ring.previous = ring;
    }

    /** The routing that this loop goes by. */
    public Routing routing() {
        assert loop.inLoop();
        return routing;
    }

    /**
     * Asks for passage; the request's body is complete. Asking and counting in flight are one step.
     *
     * @param bytes what the request occupies while it waits, head and body
     */
    public Admission ask(Passage passage, RequestClass requestClass, long bytes) {
        assert loop.inLoop();
        assert passage.place == Passage.Place.IDLE : "a passage is for one request at a time";
        passage.requestClass = requestClass;
        passage.bytes = bytes;
        passage.number = ++requests;
        passage.waitedNanos = 0;
        passage.parkedAgain = false;
        if (routing.arrivals() != Arrivals.PASS) {
            throw new UnsupportedOperationException("to come: holds");
        }
        admit(passage);
        return Admission.PASS;
    }

    /** The first byte is about to go upstream. Counts a write that starts towards the former upstream after drained. */
    public void sending(Passage passage) {
        assert loop.inLoop();
        if (passage.requestClass.isWrite() && routing.phase() == Phase.DRAINED) {
            staleWrites++;
        }
    }

    /**
     * The upstream's response has ended, or nothing was ever sent.
     *
     * @param status the status of the upstream's response, or 0 when there was none: a release's first request that ends with 0
     *     or with 500 or more shuts the gate again
     */
    public void ended(Passage passage, int status) {
        assert loop.inLoop();
        leave(passage);
    }

    /**
     * A write's upstream connection broke or timed out after bytes were sent: nobody can say whether it happened. Takes the
     * place of {@link #ended}.
     */
    public void unknown(Passage passage) {
        assert loop.inLoop();
        leave(passage);
    }

    /**
     * A safe request that was in flight failed and none of its answer went to the client. Parks it once more when the
     * gate is not open or when its upstream is no longer active.
     *
     * @return PARKED when the request waits again; SHED when it was shed; PASS when the failure is to be passed on (it has
     *     ended then)
     */
    public Admission failed(Passage passage) {
        assert loop.inLoop();
        leave(passage);
        return Admission.PASS;
    }

    /** The client hung up while its request waited. */
    public void gone(Passage passage) {
        assert loop.inLoop();
        passage.place = Passage.Place.IDLE;
    }

    long staleWrites() {
        return staleWrites;
    }

    /** The upstream accepted a stream: an upgrade, or an event stream. It counts as a stream from now on, not as in flight. */
    public void streamOpened(Passage passage, Stream stream) {
        assert loop.inLoop();
        leave(passage);
        streams.put(stream, passage.side);
    }

    /** The stream has ended, whoever ended it. */
    public void streamClosed(Stream stream) {
        assert loop.inLoop();
        streams.remove(stream);
    }

    private void admit(Passage passage) {
        Side side = routing.active();
        passage.side = side;
        passage.place = Passage.Place.IN_FLIGHT;
        Passage last = java.util.Objects.requireNonNull(ring.previous);
        passage.previous = last;
        passage.next = ring;
        last.next = passage;
        ring.previous = passage;
        inFlight[side.ordinal()]++;
        if (passage.requestClass.isWrite()) {
            writes[side.ordinal()]++;
        }
    }

    private void leave(Passage passage) {
        assert passage.place == Passage.Place.IN_FLIGHT : "not in flight";
        passage.place = Passage.Place.IDLE;
        Passage before = java.util.Objects.requireNonNull(passage.previous);
        Passage after = java.util.Objects.requireNonNull(passage.next);
        before.next = after;
        after.previous = before;
        passage.previous = null;
        passage.next = null;
        inFlight[passage.side.ordinal()]--;
        if (passage.requestClass.isWrite()) {
            writes[passage.side.ordinal()]--;
        }
    }

    /** The owner of no request. */
    private static final class Nobody implements Passage.Owner {
        @Override
        public void granted() {
            throw new AssertionError("nobody asked");
        }

        @Override
        public void shed(ShedReason reason, int retryAfterSeconds) {
            throw new AssertionError("nobody asked");
        }

        @Override
        public RequestInfo describe() {
            throw new AssertionError("nobody asked");
        }
    }
}
