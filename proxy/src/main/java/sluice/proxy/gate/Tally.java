package sluice.proxy.gate;

import sluice.proxy.metrics.Histogram;
import sluice.proxy.route.RequestClass;

/**
 * What became of the requests that the gate did not let through at once. Always: parked = released + shed + gone + waiting.
 * A request that is shed on arrival counts as parked and as shed. One writer at a time: the owner's lock.
 */
public final class Tally {
    private final long[] parked = new long[RequestClass.values().length];
    private long parkedBytes;
    private long released;
    private long gone;
    private final long[][] shed = new long[RequestClass.values().length][ShedReason.values().length];
    private final Histogram waits = new Histogram();

    Tally() {}

    private Tally(Tally other) {
        System.arraycopy(other.parked, 0, parked, 0, parked.length);
        parkedBytes = other.parkedBytes;
        released = other.released;
        gone = other.gone;
        for (int i = 0; i < shed.length; i++) {
            shed[i] = other.shed[i].clone();
        }
        waits.add(other.waits);
    }

    Tally copy() {
        return new Tally(this);
    }

    void parked(RequestClass requestClass, long bytes) {
        parked[requestClass.ordinal()]++;
        parkedBytes += bytes;
    }

    void released(long waitedNanos) {
        released++;
        waits.record(waitedNanos);
    }

    void gone(long waitedNanos) {
        gone++;
        waits.record(waitedNanos);
    }

    void shed(RequestClass requestClass, ShedReason reason, long waitedNanos) {
        shed[requestClass.ordinal()][reason.ordinal()]++;
        if (waitedNanos > 0) {
            waits.record(waitedNanos);
        }
    }

    /** Requests that the gate did not let through at once. */
    public long parkedTotal() {
        long all = 0;
        for (long ofClass : parked) {
            all += ofClass;
        }
        return all;
    }

    public long parkedTotal(RequestClass requestClass) {
        return parked[requestClass.ordinal()];
    }

    /** What they all occupied, one after another. */
    public long parkedBytes() {
        return parkedBytes;
    }

    public long releasedTotal() {
        return released;
    }

    public long goneTotal() {
        return gone;
    }

    public long shedTotal() {
        long all = 0;
        for (RequestClass requestClass : RequestClass.values()) {
            for (ShedReason reason : ShedReason.values()) {
                all += shedTotal(requestClass, reason);
            }
        }
        return all;
    }

    long shedTotal(ShedReason reason) {
        long all = 0;
        for (RequestClass requestClass : RequestClass.values()) {
            all += shedTotal(requestClass, reason);
        }
        return all;
    }

    public long shedTotal(RequestClass requestClass, ShedReason reason) {
        return shed[requestClass.ordinal()][reason.ordinal()];
    }

    /** How long those waited whose wait is over, however it ended. */
    public Histogram waits() {
        return waits;
    }

    /** Whether nothing vanished, when so many wait now. */
    public boolean balances(int waiting) {
        return parkedTotal() == released + shedTotal() + gone + waiting;
    }
}
