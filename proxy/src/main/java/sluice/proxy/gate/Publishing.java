package sluice.proxy.gate;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Switchboard;

/** How a {@link Routing} comes into force: disk, then the barrier over the loops, then the audit. Confined to the switchboard's thread. */
final class Publishing {
    private static final Logger LOG = LoggerFactory.getLogger(Publishing.class);

    /** When the disk fails in a transition that nobody asked for, it is tried again after this time. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Switchboard switchboard;
    private final Time time;
    private final Audit audit;

    Publishing(Switchboard switchboard, Time time, Audit audit) {
        this.switchboard = switchboard;
        this.time = time;
        this.audit = audit;
    }

    /**
     * Puts a routing into force.
     *
     * @param what what happened, for the audit
     * @param whenDurable done when the disk has it, before any loop hears of it
     * @return completes when every loop goes by it; fails with a {@link GateException} when the disk does not take it
     */
    CompletableFuture<Void> publish(Routing next, Caller caller, String what, Runnable whenDurable) {
        Routing before = switchboard.routing();
        return switchboard
                .publish(next, whenDurable)
                .thenRun(() -> audit.changed(new Change(what, caller, before, next, wall())))
                .exceptionally(failure -> {
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    throw cause instanceof IOException
                            ? new GateException(GateException.Kind.DISK, "nothing has changed: " + cause, cause)
                            : new CompletionException(cause);
                });
    }

    /** For a transition that nobody asked for, so that nobody sees it fail. */
    void againIfFailed(CompletableFuture<Void> transition, Runnable again) {
        CompletableFuture<Void> unused = transition.exceptionally(failure -> {
            LOG.error("A transition failed, trying again: {}", failure.toString());
            switchboard.later(AGAIN_NANOS, again);
            return null;
        });
    }

    /** The time as people tell it, in whole milliseconds. */
    Instant wall() {
        return time.wall().instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
