package sluice.proxy.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Switchboard;

/**
 * Rehearsals of a hold, one at a time. A dry one has what comes wait in a queue of its own, with the bounds of the real one, while in
 * truth everything passes. A real one is a hold with a lease of its own that ends by release, whether or not somebody still
 * waits for the answer. Confined to the switchboard's thread.
 */
final class Rehearsals {
    /** A real one's lease is longer than it lasts by this: it is there in case the release fails. */
    private static final Duration LEASE_BEYOND = Duration.ofSeconds(10);

    private static final Duration RELEASE_WAIT = Duration.ofSeconds(60);

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final ProxyConfig.Gate bounds;
    private final Transitions course;
    private final Commands commands;
    private final Switchboard switchboard;
    private final Time time;
    private final LoopGates loops;
    private @Nullable Running running;

    /** The one that runs. */
    private final class Running {
        final RehearsalCommand command;
        final Caller caller;
        final long begunNanos = time.nanos().getAsLong();
        final @Nullable ParkedQueue wouldBe;
        final List<LoopRehearsal> parts = new ArrayList<>();
        /** Completes with what came in between; empty when nothing did. */
        final CompletableFuture<String> end = new CompletableFuture<>();
        /** The hold of a real one, from when it is held: the end of another one is none of ours. */
        @Nullable
        String hold;

        Running(RehearsalCommand command, Caller caller) {
            this.command = command;
            this.caller = caller;
            this.wouldBe = command.real() ? null : new ParkedQueue(bounds, time, new Alarm());
            loops.all().forEach(gate -> parts.add(new LoopRehearsal(time, wouldBe)));
        }

        LoopRehearsal part(LoopGate gate) {
            return parts.get(loops.all().indexOf(gate));
        }

        /** What the dry queue tells; nobody leaves it but by having waited too long. */
        private final class Alarm implements QueueListener {
            @Override
            public void firstFailed(int release) {}

            @Override
            public void emptied() {}

            @Override
            public void deadline(long nanos) {
                switchboard.later(nanos - time.nanos().getAsLong(), () -> {
                    if (wouldBe != null && running == Running.this) {
                        wouldBe.expire(nanos);
                    }
                });
            }
        }
    }

    Rehearsals(ProxyConfig.Gate bounds, Transitions course, Commands commands, Time time, LoopGates loops) {
        this.bounds = bounds;
        this.course = course;
        this.commands = commands;
        this.switchboard = loops.switchboard();
        this.time = time;
        this.loops = loops;
        course.audit().watch(this::changed);
    }

    CompletableFuture<RehearsalReport> rehearse(RehearsalCommand command, Caller caller) {
        Running present = running;
        if (present != null) {
            throw GateException.conflict("a rehearsal of " + present.caller.who() + " runs already");
        }
        if (course.now().phase() != Phase.OPEN) {
            Hold hold = course.now().hold();
            throw GateException.conflict(
                    "the gate is not open, it is " + course.now().phase().label()
                            + (hold == null ? "" : ", hold " + hold.id() + " of " + hold.owner()));
        }
        Running mine = new Running(command, caller);
        running = mine;
        CompletableFuture<RehearsalReport> report;
        try {
            report = command.real() ? real(mine) : dry(mine);
        } catch (RuntimeException | Error e) {
            report = CompletableFuture.failedFuture(e);
        }
        return report.handle((done, failure) ->
                        failure == null ? CompletableFuture.completedFuture(done) : refused(mine, failure))
                .thenCompose(end -> end)
                .whenComplete((done, failure) -> running = null);
    }

    /** The process is about to end, and nothing waits any more. A real one's hold is over on disk when this returns. */
    void stop() {
        Running present = running;
        if (present != null) {
            present.end.complete(Transitions.STOPPING);
        }
    }

    private CompletableFuture<RehearsalReport> dry(Running mine) {
        ParkedQueue wouldBe = mine.wouldBe;
        if (wouldBe == null) {
            throw new IllegalStateException("a dry rehearsal has a queue");
        }
        course.audit().note(mine.caller, "rehearsal for " + mine.command.lasts().toMillis() + " ms", course.now());
        wouldBe.hold(mine.begunNanos + mine.command.lasts().toNanos());
        switchboard.later(mine.command.lasts().toNanos(), () -> mine.end.complete(""));
        return loops.over(gate -> gate.rehearse(mine.part(gate)))
                .thenCompose(begun -> mine.end)
                .thenCompose(note -> stopped(mine, null, wouldBe, elapsed(mine), note));
    }

    private CompletableFuture<RehearsalReport> real(Running mine) {
        RehearsalCommand command = mine.command;
        String owner = "rehearsal of " + mine.caller.who();
        HoldCommand hold = new HoldCommand(
                command.lasts().plus(LEASE_BEYOND),
                Expiry.OPEN,
                Scope.WRITES,
                Duration.ZERO,
                owner.substring(0, Math.min(owner.length(), HoldCommand.MAX_OWNER)));
        ParkedQueue queue = course.queue();
        Tally before = queue.snapshot().tally();
        // Before the hold begins on any loop, since the count of what is in flight has to be that of its beginning.
        return loops.over(gate -> gate.rehearse(mine.part(gate)))
                .thenCompose(begun -> {
                    course.checkRunning();
                    CompletableFuture<Void> held = commands.hold(hold, mine.caller);
                    if (held.isCompletedExceptionally()) {
                        return held; // the disk did not take it
                    }
                    // It is on disk. Whatever becomes of its barrier, it ends by release or as changed() is told.
                    mine.hold = id(course.now().hold());
                    switchboard.later(command.lasts().toNanos(), () -> mine.end.complete(""));
                    return DONE;
                })
                .thenCompose(held -> mine.end)
                .thenCompose(note -> release(mine, note, elapsed(mine)))
                .thenCompose(released -> stopped(mine, before, queue, released.lasted(), released.note()));
    }

    private record Released(Duration lasted, String note) {}

    /** Ends its own hold, if that has not come to its end already; a release of somebody else's that is under way is waited for. */
    private CompletableFuture<Released> release(Running mine, String note, Duration lasted) {
        String own = mine.hold;
        if (own == null || !own.equals(id(course.now().hold()))) {
            return CompletableFuture.completedFuture(new Released(lasted, note));
        }
        CompletableFuture<Void> released;
        try {
            released = note.equals(Transitions.STOPPING)
                    ? course.endForStop(mine.caller)
                    : commands.release(new ReleaseCommand(own, null, RELEASE_WAIT), mine.caller);
        } catch (GateException e) {
            released = CompletableFuture.failedFuture(e);
        }
        return released.handle((done, failure) -> new Released(
                lasted,
                failure == null
                        ? note
                        : (note.isEmpty() ? "" : note + "; ") + "the release did not go through: "
                                + cause(failure).getMessage()));
    }

    private static @Nullable String id(@Nullable Hold hold) {
        return hold == null ? null : hold.id();
    }

    /** Nothing watches any more, whatever has failed. */
    private CompletableFuture<RehearsalReport> refused(Running mine, Throwable why) {
        return loops.over(gate -> gate.rehearsed(mine.part(gate)))
                .handle((done, failure) -> CompletableFuture.<RehearsalReport>failedFuture(cause(why)))
                .thenCompose(failed -> failed);
    }

    /** The loops stop watching, and say what they saw. */
    private CompletableFuture<RehearsalReport> stopped(
            Running mine, @Nullable Tally before, ParkedQueue queue, Duration lasted, String note) {
        Tally tally = queue.snapshot().tally();
        return loops.over(gate -> gate.rehearsed(mine.part(gate)))
                .thenApply(done -> report(mine, before, tally, lasted, note));
    }

    private RehearsalReport report(Running mine, @Nullable Tally before, Tally after, Duration lasted, String note) {
        int atBegin = 0;
        int left = 0;
        long ended = mine.begunNanos;
        long longest = 0;
        for (LoopRehearsal part : mine.parts) {
            atBegin += part.atBegin();
            left += part.left();
            if (part.atBegin() > 0) {
                ended = Math.max(ended, part.endedNanos());
            }
            longest = Math.max(longest, part.longestNanos());
        }
        Map<RequestClass, Long> parked = new EnumMap<>(RequestClass.class);
        Map<RequestClass, Map<ShedReason, Long>> shed = new EnumMap<>(RequestClass.class);
        for (RequestClass requestClass : RequestClass.values()) {
            put(
                    parked,
                    requestClass,
                    after.parkedTotal(requestClass) - (before == null ? 0 : before.parkedTotal(requestClass)));
            Map<ShedReason, Long> reasons = new EnumMap<>(ShedReason.class);
            for (ShedReason reason : ShedReason.values()) {
                long earlier = before == null ? 0 : before.shedTotal(requestClass, reason);
                put(reasons, reason, after.shedTotal(requestClass, reason) - earlier);
            }
            if (!reasons.isEmpty()) {
                shed.put(requestClass, Map.copyOf(reasons));
            }
        }
        return new RehearsalReport(
                mine.command.real(),
                mine.command.lasts(),
                lasted,
                parked,
                after.parkedBytes() - (before == null ? 0 : before.parkedBytes()),
                shed,
                atBegin,
                left > 0 ? null : Duration.ofNanos(ended - mine.begunNanos),
                course.inFlight().unknown().size(),
                Duration.ofNanos(longest),
                note);
    }

    private static <K> void put(Map<K, Long> counts, K key, long count) {
        if (count > 0) {
            counts.put(key, count);
        }
    }

    /** A transition came in between. */
    private void changed(Change change) {
        Running present = running;
        if (present == null) {
            return;
        }
        Hold before = change.before().hold();
        Hold after = change.after().hold();
        if (!present.command.real()) {
            if (change.after().phase() != Phase.OPEN && after != null) {
                present.end.complete("the hold " + after.id() + " of " + after.owner() + " began");
            }
        } else if (before != null
                && before.id().equals(present.hold)
                && (after == null || change.after().phase() == Phase.RELEASING)) {
            present.end.complete("the hold " + before.id() + " was ended by "
                    + change.caller().who());
        }
    }

    private Duration elapsed(Running mine) {
        return Duration.ofNanos(time.nanos().getAsLong() - mine.begunNanos);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
