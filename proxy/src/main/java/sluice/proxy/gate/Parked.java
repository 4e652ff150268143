package sluice.proxy.gate;

import sluice.proxy.route.RequestClass;

/** One wait of one request, or of one that would wait. Guarded by the lock of the {@link ParkedQueue} that it is in. */
class Parked {
    /** How far a wait is. */
    enum Stage {
        /** In the queue. */
        WAITING,
        /** Its grant is on the way to its loop. It still counts as waiting: its client may yet hang up. */
        GRANTING,
        RELEASED,
        SHED,
        GONE
    }

    final LoopGate gate;
    final Passage passage;
    final RequestClass requestClass;
    final long bytes;
    final long sinceNanos;
    /** Whose it is; see {@link ClientShares#key}. */
    final long client;

    /** Whether its client's connection has room for it; see {@link Passage.Owner#mayWait}. */
    boolean mayWait = true;

    Stage stage = Stage.WAITING;
    /** The place in the order of arrival, over all loops. */
    long sequence;
    /** When it has waited long enough. */
    long deadlineNanos;
    /** Which release's slot it holds; 0 for none. */
    int release;

    Parked(LoopGate gate, Passage passage, RequestClass requestClass, long bytes, long sinceNanos, long client) {
        this.gate = gate;
        this.passage = passage;
        this.requestClass = requestClass;
        this.bytes = bytes;
        this.sinceNanos = sinceNanos;
        this.client = client;
    }

    /** Its slot is on its way. With the queue's lock held. */
    void grant() {
        gate.grant(this);
    }

    /** Its refusal is on its way. With the queue's lock held. */
    void shed(ShedReason reason, int retryAfterSeconds) {
        gate.shed(this, reason, retryAfterSeconds);
    }
}
