package sluice.proxy.gate;

import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;

/**
 * The books of the queue: how many wait, what they occupy, and what became of the others. Every change of a wait's
 * {@link Parked.Stage} is made here, so that what it occupied is given back exactly once. Guarded by its owner's lock.
 */
final class Books {
    private final ProxyConfig.Gate bounds;
    private final Time time;
    private final ClientShares shares;
    private final Tally tally = new Tally();
    private int waiting;
    private long bytes;
    private long longestNanos;

    Books(ProxyConfig.Gate bounds, Time time) {
        this.bounds = bounds;
        this.time = time;
        this.shares = new ClientShares(bounds.maxParkedPerClient());
    }

    /** A request comes; it may be refused yet. */
    void comes(Parked parked) {
        tally.parked(parked.requestClass, parked.bytes);
    }

    /** It waits. */
    void waits(Parked parked) {
        waiting++;
        bytes += parked.bytes;
        shares.take(parked.client);
    }

    /** A request that does not come to wait. */
    void refused(Parked parked, ShedReason reason) {
        parked.stage = Parked.Stage.SHED;
        tally.shed(parked.requestClass, reason, 0);
    }

    /** A grant is on its way to it; it still counts as waiting. */
    void granting(Parked parked) {
        parked.stage = Parked.Stage.GRANTING;
    }

    void released(Parked parked) {
        leaves(parked, Parked.Stage.RELEASED);
        tally.released(waited(parked));
    }

    void gone(Parked parked) {
        leaves(parked, Parked.Stage.GONE);
        tally.gone(waited(parked));
    }

    void shed(Parked parked, ShedReason reason) {
        leaves(parked, Parked.Stage.SHED);
        tally.shed(parked.requestClass, reason, waited(parked));
    }

    /** Why it cannot wait whatever room is made for it; null when it can. */
    @Nullable
    ShedReason obstacle(Parked parked) {
        if (parked.bytes > bounds.maxParkedBytes()) {
            return ShedReason.FULL;
        }
        return parked.mayWait && shares.isFree(parked.client) ? null : ShedReason.CLIENT;
    }

    /** Whether more waits than may. */
    boolean tooMany() {
        return waiting > bounds.maxParked() || bytes > bounds.maxParkedBytes();
    }

    /** All shares of clients together. */
    int sharesTaken() {
        return shares.sum();
    }

    /** How many wait, those with a grant on its way included. */
    int waiting() {
        return waiting;
    }

    /** The numbers of this moment. */
    Waiting snapshot(long oldestNanos) {
        long longest = Math.max(longestNanos, oldestNanos);
        return new Waiting(waiting, bytes, oldestNanos, longest, tally.copy(), tally.balances(waiting));
    }

    /** The longest wait is looked for anew from now on. */
    void forgetLongest() {
        longestNanos = 0;
    }

    long waited(Parked parked) {
        return time.nanos().getAsLong() - parked.sinceNanos;
    }

    private void leaves(Parked parked, Parked.Stage stage) {
        assert parked.stage == Parked.Stage.WAITING || parked.stage == Parked.Stage.GRANTING
                : "its wait is over already: " + parked.stage;
        parked.stage = stage;
        waiting--;
        bytes -= parked.bytes;
        shares.giveBack(parked.client);
        longestNanos = Math.max(longestNanos, waited(parked));
    }
}
