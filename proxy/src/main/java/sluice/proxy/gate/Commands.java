package sluice.proxy.gate;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/**
 * What an operator asks for. Each either throws a {@link GateException}, and nothing has changed, or makes a transition. Confined
 * to the switchboard's thread.
 */
final class Commands {
    private final Transitions course;

    Commands(Transitions course) {
        this.course = course;
    }

    CompletableFuture<Void> hold(HoldCommand command, Caller caller) {
        Routing before = course.now();
        Hold present = before.hold();
        if (present != null && before.phase() != Phase.RELEASING) {
            throw GateException.conflict("there is a hold already: " + present.id() + " of " + present.owner()
                    + ", since " + present.since() + ", until " + present.expires());
        }
        Instant since = course.wall();
        Hold hold = new Hold(
                "h" + (before.epoch() + 1),
                command.owner(),
                since,
                command.ttl().truncatedTo(ChronoUnit.MILLIS),
                since.plus(command.ttl().truncatedTo(ChronoUnit.MILLIS)),
                command.expiry(),
                command.scope());
        Routing next = before.at(before.epoch() + 1, Phase.HOLDING, Arrivals.PARK, hold);
        return course.publish(next, caller, "hold", () -> {
                    course.release()
                            .fail("a new hold began before the release was over: " + hold.id() + " of " + hold.owner());
                    course.account().begin(hold);
                    course.holds(hold, hold.ttl().toNanos(), next.epoch());
                })
                .thenCompose(done -> {
                    course.checkRunning();
                    return course.draining().await(hold, command.waitAtMost());
                });
    }

    CompletableFuture<Void> change(ChangeCommand command, Caller caller) {
        Routing before = course.now();
        Hold hold = lasting(before, command.id());
        List<String> missing = course.inFlight().missing(command.acceptUnknown());
        if (!missing.isEmpty()) {
            throw new GateException(
                    GateException.Kind.NOT_FOUND, "no such unknown write, so none was accepted: " + missing);
        }
        if (!command.touchesLease()) {
            accept(command, caller);
            return done();
        }
        if (before.arrivals() == Arrivals.SHED) {
            throw GateException.conflict("the lease of the hold " + hold.id()
                    + " has ended and the gate is shedding; release it, or accept unknown writes and nothing else");
        }
        Duration ttl = command.ttl() == null ? hold.ttl() : command.ttl().truncatedTo(ChronoUnit.MILLIS);
        Hold changed = new Hold(
                hold.id(),
                hold.owner(),
                hold.since(),
                ttl,
                course.wall().plus(ttl),
                command.expiry() == null ? hold.expiry() : command.expiry(),
                command.scope() == null ? hold.scope() : command.scope());
        Routing next = before.at(before.epoch() + 1, before.phase(), before.arrivals(), changed);
        return course.publish(next, caller, "change", () -> {
                    course.holds(changed, ttl.toNanos(), next.epoch());
                    accept(command, caller); // not before the disk has taken the change
                })
                .thenRun(() -> {
                    if (hold.scope() == Scope.ALL && changed.scope() == Scope.WRITES) {
                        course.queue().grantReads();
                    }
                });
    }

    private void accept(ChangeCommand command, Caller caller) {
        if (!command.acceptUnknown().isEmpty()) {
            course.inFlight().accept(command.acceptUnknown());
            course.audit()
                    .note(
                            caller,
                            "accepted unknown writes " + Audit.quoted(String.join(" ", command.acceptUnknown())),
                            course.now());
        }
    }

    CompletableFuture<Void> flip(Side to, boolean onlyDrained, Caller caller) {
        Routing before = course.now();
        if (onlyDrained && before.phase() != Phase.DRAINED) {
            throw GateException.conflict(
                    "the gate is not drained, it is " + before.phase().label() + "; nothing was flipped");
        }
        if (before.active() == to) {
            return done();
        }
        // What was looked at is the active side now, and the other one is the former: nothing goes there any more.
        Routing next = new Routing(before.epoch() + 1, to, before.phase(), before.arrivals(), before.hold(), null);
        return course.publish(next, caller, "flip", () -> course.inFlight().watchOn(next.epoch()))
                .thenRun(this::closeFormer);
    }

    /** In a hold streams go on; its release closes them. */
    private void closeFormer() {
        Phase phase = course.now().phase();
        if (phase == Phase.OPEN || phase == Phase.RELEASING) {
            course.closer().start();
        }
    }

    /** @param next null ends the preview that there is; without one nothing is done */
    CompletableFuture<Void> preview(@Nullable Preview next, Caller caller) {
        Routing before = course.now();
        if (next != null && next.side() == before.active()) {
            throw GateException.conflict(next.side().label() + " is the active side, so there is nothing to preview");
        }
        if (Objects.equals(before.preview(), next)) {
            return done();
        }
        Routing after =
                new Routing(before.epoch(), before.active(), before.phase(), before.arrivals(), before.hold(), next);
        return course.publish(after, caller, next == null ? "preview ended" : "preview", () -> {})
                .thenRun(() -> {
                    if (before.preview() != null) {
                        closeFormer(); // who had a stream there comes back
                    }
                });
    }

    CompletableFuture<Void> release(ReleaseCommand command, Caller caller) {
        Routing before = course.now();
        Hold hold = before.hold();
        if (command.hold() != null && (hold == null || !hold.id().equals(command.hold()))) {
            throw GateException.conflict("the hold " + command.hold() + " has ended"
                    + (hold == null ? "" : "; the present one is " + hold.id() + " of " + hold.owner()));
        }
        CompletableFuture<Void> flipped = command.to() == null ? done() : flip(command.to(), false, caller);
        return flipped.thenCompose(done -> {
            course.checkRunning();
            Routing after = course.now();
            Hold still = after.hold();
            if (!Objects.equals(id(hold), id(still))) {
                if (still == null) {
                    return done(); // somebody else released it: that is what was wanted
                }
                throw GateException.conflict("the hold ended while flipping, and another one began: " + still.id());
            }
            if (after.phase() == Phase.OPEN) {
                return done();
            }
            if (after.phase() == Phase.RELEASING) {
                return course.release().await(command.waitAtMost());
            }
            CompletableFuture<Void> open = course.release().await(command.waitAtMost());
            return course.startRelease(caller, "release", true).thenCompose(begun -> open);
        });
    }

    /** The present hold, if it has this id and was not released. Its lease may have run out. */
    private static Hold lasting(Routing routing, String id) {
        Hold hold = routing.hold();
        if (hold == null || routing.phase() == Phase.RELEASING) {
            throw GateException.conflict("the hold " + id + " has ended, the gate is "
                    + routing.phase().label());
        }
        if (!hold.id().equals(id)) {
            throw GateException.conflict(
                    "the hold " + id + " has ended; the present one is " + hold.id() + " of " + hold.owner());
        }
        return hold;
    }

    private static @Nullable String id(@Nullable Hold hold) {
        return hold == null ? null : hold.id();
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
