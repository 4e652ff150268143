package sluice.proxy.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Switchboard;

/**
 * The state machine's transitions, and those that come by themselves: drained, the end of a lease, the end of a release, the
 * failure of its first request. Each makes the next {@link Routing}, tells the queue and the count in flight, and has it
 * published. Confined to the switchboard's thread. See {@link Gate} for the picture.
 */
final class Transitions implements QueueListener {
    private static final Logger LOG = LoggerFactory.getLogger(Transitions.class);

    static final String STOPPING = "the proxy is stopping";

    private final ProxyConfig.Gate bounds;
    private final Switchboard switchboard;
    private final Time time;
    private final Lease lease;
    private final Draining draining;
    private final Release release;
    private final Audit audit;
    private final Publishing publishing;
    private final ParkedQueue queue;
    private final InFlight inFlight;
    private final HoldAccount account;
    private @Nullable StreamCloser streams;
    private boolean stopped;

    Transitions(ProxyConfig.Gate bounds, Switchboard switchboard, Time time, int loops, Audit audit) {
        this.bounds = bounds;
        this.switchboard = switchboard;
        this.time = time;
        this.lease = new Lease(switchboard, time);
        this.audit = audit;
        this.publishing = new Publishing(switchboard, time, audit);
        this.queue = new ParkedQueue(bounds, time, this);
        this.inFlight = new InFlight(loops, time, () -> switchboard.execute(this::lookWhetherDrained));
        this.release = new Release(switchboard, queue);
        this.account = new HoldAccount(queue, time, audit);
        this.draining = new Draining(switchboard, publishing, inFlight, account);
    }

    ParkedQueue queue() {
        return queue;
    }

    InFlight inFlight() {
        return inFlight;
    }

    HoldAccount account() {
        return account;
    }

    Audit audit() {
        return audit;
    }

    /**
     * Takes up what the state file says. To be called once, before any loop runs.
     *
     * @param endedWell whether nothing can still be in flight from before
     */
    void begin(List<LoopGate> gates, boolean endedWell) {
        streams = new StreamCloser(switchboard, time, gates, bounds.closeOver());
        Routing start = now();
        Hold hold = start.hold();
        if (!endedWell) {
            audit.takenUp(start);
        }
        // Where drained had been reached nothing was in flight, however the process ended.
        if (!endedWell && start.phase() != Phase.DRAINED) {
            LOG.warn(
                    "The proxy did not end well the last time: writes may have been in flight. One unknown write, {}, stands"
                            + " for them; without a hold it is forgotten after {} s",
                    InFlight.BEFORE_RESTART,
                    TimeUnit.NANOSECONDS.toSeconds(InFlight.REMEMBERED_NANOS));
            inFlight.unknownBeforeRestart();
        }
        if (hold == null) {
            return;
        }
        inFlight.watch(start.epoch());
        account.resume(hold, start.phase() == Phase.DRAINED);
        if (start.arrivals() == Arrivals.SHED) {
            queue.shut(ShedReason.SHUT);
        } else {
            // A clock that was set back must not lengthen the lease.
            Duration left = Duration.between(wall(), hold.expires());
            long nanos = Math.max(0, Math.min(left.toMillis(), hold.ttl().toMillis())) * 1_000_000;
            keepWaiting(hold, time.nanos().getAsLong() + nanos);
            switchboard.execute(() -> runLease(nanos));
        }
        // Every loop reports what it has in flight.
        switchboard.execute(switchboard::installAgain);
    }

    /** Nothing waits any more and nothing will; the process is about to end. */
    void stop() {
        stopped = true;
        lease.stop();
        closer().stop();
        queue.shut(ShedReason.STOPPING);
        draining.stop(stopping());
        release.fail(STOPPING);
    }

    /** Refuses when the process is about to end: whatever would wait for something would wait for ever. */
    void checkRunning() {
        if (stopped) {
            throw stopping();
        }
    }

    private static GateException stopping() {
        return GateException.conflict(STOPPING);
    }

    // What the queue tells comes with its lock held: handed over.

    @Override
    public void firstFailed(int ofRelease) {
        switchboard.execute(() -> shutAgain(ofRelease));
    }

    @Override
    public void emptied() {
        switchboard.execute(this::lookWhetherEmpty);
    }

    @Override
    public void deadline(long nanos) {
        switchboard.later(nanos - time.nanos().getAsLong(), () -> queue.expire(nanos));
    }

    private void lookWhetherDrained() {
        draining.look();
    }

    CompletableFuture<Void> startRelease(Caller caller, String what, boolean firstAlone) {
        Routing before = now();
        boolean empty = queue.isEmpty();
        Routing next = empty
                ? before.at(before.epoch() + 1, Phase.OPEN, Arrivals.PASS, null)
                : before.at(before.epoch() + 1, Phase.RELEASING, Arrivals.PARK, before.hold());
        int number = release.prepare();
        return publish(next, caller, what, () -> {
                    lease.stop();
                    // A gate that shed parks again from now on; grants begin when every loop goes by this routing.
                    queue.hold(time.nanos().getAsLong());
                    draining.hasBeenReleased();
                })
                .thenRun(() -> {
                    if (!release.isPrepared(number)) {
                        return; // a new hold came in between
                    }
                    closer().start();
                    if (empty) {
                        opened();
                    } else {
                        release.begin(firstAlone && lease.remainingNanos() > 0);
                    }
                });
    }

    /** After {@link #stop}, a hold that must not outlive the process. Nothing waits in it any more. */
    CompletableFuture<Void> endForStop(Caller caller) {
        return now().phase() == Phase.RELEASING
                ? CompletableFuture.completedFuture(null) // on disk it is open already
                : startRelease(caller, "release, the proxy is stopping", false);
    }

    private void lookWhetherEmpty() {
        Routing before = now();
        if (before.phase() != Phase.RELEASING || !release.isUnderWay() || !queue.isEmpty()) {
            return;
        }
        Routing next = before.at(before.epoch(), Phase.OPEN, Arrivals.PASS, null);
        int number = release.prepare();
        CompletableFuture<Void> published = publish(next, Caller.GATE, "open", () -> {})
                .thenRun(() -> {
                    if (release.isPrepared(number)) {
                        opened();
                    }
                });
        publishing.againIfFailed(published, this::lookWhetherEmpty);
    }

    private void opened() {
        inFlight.rest();
        queue.open();
        release.complete();
        account.end();
    }

    private void shutAgain(int ofRelease) {
        Routing before = now();
        Hold hold = before.hold();
        if (before.phase() != Phase.RELEASING || !release.isGranting(ofRelease) || hold == null) {
            return;
        }
        long remaining = lease.remainingNanos();
        if (remaining == 0) {
            LOG.warn("The first request of the release failed, and the lease is over: the release goes on");
            queue.goOn(ofRelease);
            return;
        }
        Routing next = before.at(before.epoch() + 1, Phase.HOLDING, Arrivals.PARK, hold);
        CompletableFuture<Void> published =
                publish(next, Caller.GATE, "shut again, the first request of the release failed", () -> {
                    release.fail("the first request failed on "
                            + before.active().label() + "; the gate is shut again, hold " + hold.id());
                    holds(hold, remaining, next.epoch());
                });
        publishing.againIfFailed(published, () -> shutAgain(ofRelease));
    }

    /** A hold begins, or goes on anew: grants have stopped, its lease runs, the count in flight is for this epoch. */
    void holds(Hold hold, long leaseNanos, long epoch) {
        closer().stop();
        runLease(leaseNanos);
        keepWaiting(hold, lease.endsNanos());
        inFlight.watch(epoch);
    }

    private void keepWaiting(Hold hold, long leaseEndsNanos) {
        if (hold.expiry() == Expiry.OPEN) {
            queue.hold(leaseEndsNanos);
        } else {
            queue.holdForSomeTime();
        }
    }

    /** The way to drained. */
    Draining draining() {
        return draining;
    }

    /** The release that is prepared or under way. */
    Release release() {
        return release;
    }

    private void runLease(long nanos) {
        lease.start(nanos, this::expired);
    }

    /** @param ofLease tried again after a failure it may be another one by then: whoever renewed it was told that it lasts */
    private void expired(long ofLease) {
        Routing before = now();
        Hold hold = before.hold();
        if (hold == null
                || !lease.isPresent(ofLease)
                || before.phase() == Phase.RELEASING
                || before.arrivals() == Arrivals.SHED) {
            return;
        }
        CompletableFuture<Void> ended;
        if (hold.expiry() == Expiry.OPEN) {
            ended = startRelease(Caller.GATE, "lease ran out, released", false);
        } else {
            Routing next = before.at(before.epoch() + 1, before.phase(), Arrivals.SHED, hold);
            ended = publish(next, Caller.GATE, "lease ran out, shedding", () -> {
                queue.shut(ShedReason.SHUT);
                inFlight.watch(next.epoch());
                draining.leaseHasRunOut(hold);
            });
        }
        publishing.againIfFailed(ended, () -> expired(ofLease));
    }

    Routing now() {
        return switchboard.routing();
    }

    Instant wall() {
        return publishing.wall();
    }

    StreamCloser closer() {
        return Objects.requireNonNull(streams, "begin() comes first");
    }

    /** See {@link Publishing#publish}. */
    CompletableFuture<Void> publish(Routing next, Caller caller, String what, Runnable whenDurable) {
        return publishing.publish(next, caller, what, whenDurable);
    }
}
