package sluice.proxy.gate;

import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;

/** The gate as one event loop sees it: no lock and no atomic operation while it is open. Confined to its loop. */
@SuppressWarnings("DoNotCallSuggester") // skeleton
public final class LoopGate {
    /** The routing that this loop goes by. */
    public Routing routing() {
        throw new UnsupportedOperationException();
    }

    /**
     * Asks for passage; the request's body is complete. Asking and counting in flight are one step.
     *
     * @param bytes what the request occupies while it waits, head and body
     */
    public Admission ask(Passage passage, RequestClass requestClass, long bytes) {
        throw new UnsupportedOperationException();
    }

    /** The first byte is about to go upstream. Counts a write that starts towards the former upstream after drained. */
    public void sending(Passage passage) {
        throw new UnsupportedOperationException();
    }

    /** The upstream's response has ended, or nothing was ever sent. */
    public void ended(Passage passage) {
        throw new UnsupportedOperationException();
    }

    /** A write's upstream connection broke or timed out after bytes were sent: nobody can say whether it happened. */
    public void unknown(Passage passage) {
        throw new UnsupportedOperationException();
    }

    /**
     * A safe request that was in flight failed and none of its answer went to the client. Parks it once more when the
     * gate is not open or when its upstream is no longer active.
     *
     * @return PARKED when the request waits again; SHED when it was shed; PASS when the failure is to be passed on (it has
     *     ended then)
     */
    public Admission failed(Passage passage) {
        throw new UnsupportedOperationException();
    }

    /** The client hung up while its request waited. */
    public void gone(Passage passage) {
        throw new UnsupportedOperationException();
    }

    /** The upstream accepted a stream: an upgrade, or an event stream. It counts as a stream from now on, not as in flight. */
    public void streamOpened(Passage passage, Stream stream) {
        throw new UnsupportedOperationException();
    }

    public void streamClosed(Stream stream) {
        throw new UnsupportedOperationException();
    }
}
