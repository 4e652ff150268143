package sluice.proxy.gate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Switchboard;

/** How a hold comes to be drained, and the answers that wait for it. Confined to the switchboard's thread. */
final class Draining {
    private final Switchboard switchboard;
    private final Publishing publishing;
    private final InFlight inFlight;
    private final HoldAccount account;
    private final Waiters waiters;

    Draining(Switchboard switchboard, Publishing publishing, InFlight inFlight, HoldAccount account) {
        this.switchboard = switchboard;
        this.publishing = publishing;
        this.inFlight = inFlight;
        this.account = account;
        this.waiters = new Waiters(switchboard);
    }

    /** Says that the gate is drained if it is so and has not been said. */
    void look() {
        Routing before = switchboard.routing();
        if (before.phase() != Phase.HOLDING || !inFlight.isDrained(before.epoch())) {
            return;
        }
        Routing next = before.at(before.epoch(), Phase.DRAINED, before.arrivals(), before.hold());
        CompletableFuture<Void> published =
                publishing.publish(next, Caller.GATE, "drained", () -> {}).thenRun(() -> told(next));
        publishing.againIfFailed(published, this::look);
    }

    /** Every loop goes by it. A flip, a change of the hold or of the preview may have come since, and it is drained all the same. */
    private void told(Routing drained) {
        Routing present = switchboard.routing();
        if (present.phase() == Phase.DRAINED && isSame(present.hold(), drained.hold())) {
            account.drained();
            waiters.complete();
        }
    }

    /**
     * An answer that waits for drained. To be called when every loop has heard of the hold: so none has heard yet that it is
     * drained.
     *
     * @return completes when it is, or after {@code wait}; fails when the hold or its lease has ended, then or already
     */
    CompletableFuture<Void> await(Hold hold, Duration wait) {
        Routing present = switchboard.routing();
        if (!isSame(present.hold(), hold)) {
            return CompletableFuture.failedFuture(GateException.conflict("the hold has ended already: " + hold.id()));
        }
        if (present.phase() == Phase.RELEASING) {
            return CompletableFuture.failedFuture(released());
        }
        return present.arrivals() == Arrivals.SHED
                ? CompletableFuture.failedFuture(leaseRanOut(hold))
                : waiters.add(wait);
    }

    /** The hold is released: whoever waits is told. */
    void hasBeenReleased() {
        waiters.fail(released());
    }

    /** Its lease has run out, and it sheds. */
    void leaseHasRunOut(Hold hold) {
        waiters.fail(leaseRanOut(hold));
    }

    /** The process is about to end. */
    void stop(GateException why) {
        waiters.fail(why);
    }

    private static GateException released() {
        return GateException.conflict("the hold was released before it was drained");
    }

    private static GateException leaseRanOut(Hold hold) {
        return GateException.conflict("the lease of hold " + hold.id() + " ran out before it was drained");
    }

    private static boolean isSame(@Nullable Hold one, @Nullable Hold other) {
        return one != null && other != null && one.id().equals(other.id());
    }
}
