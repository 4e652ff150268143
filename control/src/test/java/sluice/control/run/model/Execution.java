package sluice.control.run.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import sluice.control.check.Limits;
import sluice.control.check.RedisPeer;
import sluice.control.check.Side;
import sluice.control.check.Sides;
import sluice.control.run.History;
import sluice.control.run.Journal.JournalException;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;
import sluice.control.run.Progress;
import sluice.control.run.Recovery;
import sluice.control.run.Run;
import sluice.control.run.model.Stopped.Violation;
import sluice.control.step.Pace;

/** One path: a move, and after each crash a recovery, until an end; then, with no more faults, whatever is left. */
final class Execution {
    static final String RUN = "run-1";

    private final World world;
    private final Sides sides;
    private final Pace pace;

    Execution(World world) {
        this.world = world;
        this.sides = new Sides(
                new Side(
                        "old",
                        world.old,
                        List.of(new RedisPeer(world.redis.old, "old", 6379)),
                        "host=old",
                        "a",
                        "a",
                        world.oldWorkers),
                new Side(
                        "new",
                        world.fresh,
                        List.of(new RedisPeer(world.redis.fresh, "new", 6379)),
                        "host=new",
                        "b",
                        "b",
                        world.newWorkers),
                List.of(world.gate),
                Limits.standard());
        this.pace = new Pace() {
            @Override
            public long millis() {
                return world.now;
            }

            @Override
            public Instant now() {
                return Instant.ofEpochMilli(world.now);
            }

            @Override
            public void pause(Duration time) {
                // A wait is "as short as asked for or longer": three seconds keep the number of looks small.
                world.pass(3_000);
            }
        };
    }

    Sides sides() {
        return sides;
    }

    Pace pace() {
        return pace;
    }

    /** Returns the end in one word. */
    String go() {
        Kind first = untilEnd(true);
        requireEnd(first);
        if (first != Kind.NEEDS_OPERATOR) {
            return first.name();
        }
        world.tell("-- the operator has settled it; nothing fails any more --");
        world.chooser.calm();
        world.pass(60_000);
        restartControl();
        Kind second = untilEnd(false);
        requireEnd(second);
        if (second == Kind.NEEDS_OPERATOR && !world.promotedByHand) {
            throw new Violation("nothing fails any more, and recover still asks");
        }
        return first + " then " + second;
    }

    private Kind untilEnd(boolean moving) {
        boolean move = moving;
        while (true) {
            try {
                return attempt(move);
            } catch (Stopped.Crash killed) {
                world.tell("-- control is dead --");
                world.downtime();
                world.tell("-- sluice recover --");
                restartControl();
                move = false;
            }
        }
    }

    private void restartControl() {
        world.incarnation++;
        world.incarnationStart = world.now;
        world.abortRequested = false;
        world.forgetObservations();
        world.gate.controlRestarted();
        world.journal.controlRestarted();
    }

    private Kind attempt(boolean move) {
        try {
            Outcome outcome;
            if (move) {
                outcome = new Run(
                                RUN,
                                sides,
                                world.mutant.steps(),
                                world.journal,
                                pace,
                                () -> world.abortRequested,
                                Progress.none())
                        .move();
            } else if (world.journal.entries().isEmpty()) {
                return Kind.ABORTED;
            } else {
                outcome =
                        new Recovery(RUN, sides, world.mutant.steps(), world.journal, pace, Progress.none()).recover();
            }
            world.tell("== " + outcome.kind() + ": " + outcome.text());
            return outcome.kind();
        } catch (JournalException unwritable) {
            // Only before anything was done: the command says so and ends.
            return new History(world.journal.entries()).intended("prepare") ? Kind.NEEDS_OPERATOR : Kind.REFUSED;
        }
    }

    /** What each end promises. */
    private void requireEnd(Kind end) {
        world.writers();
        boolean promised = switch (end) {
            case DONE ->
                world.fresh.primary
                        && !world.fresh.promotionPending
                        && world.redis.newMaster
                        && !world.old.writable()
                        && !world.redis.oldWritable()
                        && world.gate.isOpen()
                        && world.gate.active.equals("new")
                        && (world.oldWorkers == null || !world.oldWorkers.mayRun());
            case ABORTED, REFUSED ->
                world.old.writable()
                        && !world.old.fenced
                        && world.redis.oldWritable()
                        && !world.fresh.primary
                        && !world.fresh.promotionPending
                        && world.gate.isOpen()
                        && world.gate.active.equals("old")
                        && (world.oldWorkers == null || world.oldWorkers.works());
            case NEEDS_OPERATOR -> true;
            case BUSY -> false;
        };
        if (!promised) {
            throw new Violation("ended as " + end + ", and that is not so");
        }
    }
}
