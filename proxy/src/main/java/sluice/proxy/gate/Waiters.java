package sluice.proxy.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import sluice.proxy.route.Switchboard;

/**
 * Answers that wait for something, each at most as long as it said: nobody hangs here because somebody else did something.
 * Confined to the switchboard's thread.
 */
final class Waiters {
    private final Switchboard switchboard;
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();

    Waiters(Switchboard switchboard) {
        this.switchboard = switchboard;
    }

    /** Completes when it has come or when the time is over (whoever asked looks at the state), or fails. */
    CompletableFuture<Void> add(Duration atMost) {
        if (atMost.isZero()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        waiting.removeIf(CompletableFuture::isDone);
        waiting.add(waiter);
        switchboard.later(atMost.toNanos(), () -> waiter.complete(null));
        return waiter;
    }

    /** It has come. */
    void complete() {
        for (CompletableFuture<Void> waiter : take()) {
            waiter.complete(null);
        }
    }

    /** It will not come. */
    void fail(GateException why) {
        for (CompletableFuture<Void> waiter : take()) {
            waiter.completeExceptionally(why);
        }
    }

    private List<CompletableFuture<Void>> take() {
        List<CompletableFuture<Void>> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }
}
