package sluice.proxy.gate;

import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;

/**
 * What waits of one loop's requests: how a {@link Passage} comes into the queue, and the three ways out of it. Confined to the loop,
 * unlike the {@link ParkedQueue}, which all loops share.
 */
final class LoopWaiting {
    private final LoopGate gate;
    private final ParkedQueue queue;
    private final Time time;

    LoopWaiting(LoopGate gate, ParkedQueue queue, Time time) {
        this.gate = gate;
        this.queue = queue;
        this.time = time;
    }

    /** Parks it. Returns PARKED, or SHED when its owner was told that it may not wait. */
    Admission park(Passage passage) {
        long now = time.nanos().getAsLong();
        long client = ClientShares.key(passage.owner().clientAddress());
        Parked parked = new Parked(gate, passage, passage.requestClass, passage.bytes, now, client);
        parked.mayWait = passage.owner().mayWait();
        passage.parked = parked;
        passage.place = Passage.Place.PARKED;
        ShedReason refused = queue.park(parked);
        if (refused == null) {
            return Admission.PARKED;
        }
        passage.parked = null;
        passage.place = Passage.Place.IDLE;
        passage.owner().shed(refused, queue.retryAfterSeconds());
        return Admission.SHED;
    }

    /** The client hung up meanwhile. */
    void gone(Passage passage) {
        Parked parked = passage.parked;
        assert passage.place == Passage.Place.PARKED && parked != null : "not waiting";
        passage.place = Passage.Place.IDLE;
        passage.parked = null;
        if (parked != null) {
            queue.gone(parked);
        }
    }

    /** A refusal has come from the queue. */
    void shed(Parked parked, ShedReason reason, int retryAfterSeconds) {
        Passage passage = parked.passage;
        if (passage.parked == parked) { // else its client has hung up in the meantime
            passage.parked = null;
            passage.place = Passage.Place.IDLE;
            passage.waitedNanos += time.nanos().getAsLong() - parked.sinceNanos;
            passage.owner().shed(reason, retryAfterSeconds);
        }
    }

    /** A grant has come from the queue. Returns whether it is still wanted: then it has to be let through. */
    boolean granted(Parked parked) {
        if (!queue.delivered(parked)) {
            return false;
        }
        Passage passage = parked.passage;
        passage.parked = null;
        passage.waitedNanos += time.nanos().getAsLong() - parked.sinceNanos;
        passage.release = parked.release;
        return true;
    }

    /** Hands over each that waits, with the milliseconds since it was parked. */
    void forEach(ObjLongConsumer<Passage> to) {
        long now = time.nanos().getAsLong();
        for (Parked parked : queue.of(gate)) {
            if (parked.passage.parked == parked) {
                to.accept(parked.passage, TimeUnit.NANOSECONDS.toMillis(now - parked.sinceNanos));
            }
        }
    }
}
