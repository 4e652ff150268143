package sluice.control.step;

import java.io.IOException;
import sluice.control.postgres.Lsn;
import sluice.control.postgres.PostgresServer;
import sluice.control.postgres.PostgresServer.ControlData;
import sluice.control.postgres.PostgresServer.Identity;

/**
 * Step 11: the standby holds everything that the stopped primary ever acknowledged. A clean stop alone proves nothing:
 * with a frozen receiver it succeeds all the same. What counts is that the standby has <em>replayed past</em> the
 * shutdown checkpoint; "received" starts at the segment after a restart, and "at the checkpoint" is one record early.
 */
public final class ProveReplica implements Step {
    @Override
    public int number() {
        return 11;
    }

    @Override
    public String id() {
        return "proof";
    }

    @Override
    public String title() {
        return "compared: nothing is missing";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "control file of " + moving.from().postgres().name() + " says \"shut down\" at C; "
                + moving.to().postgres().name() + " has replayed past C on the same timeline; every Redis holds all";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        PostgresServer from = moving.from().postgres();
        PostgresServer to = moving.to().postgres();
        if (!from.fenced()) {
            throw StepException.failed(from.name() + " is no longer locked: standby.signal is gone");
        }
        // "shut down" comes before the last process ends, and nothing is written after it: no need to wait for that.
        ControlData control = from.controlData();
        if (!control.cleanlyShutDown() || !control.checkpoint().equals(control.redo())) {
            throw StepException.failed(
                    from.name() + " was not shut down cleanly: its control file says \"" + control.state() + "\"");
        }
        Identity identity = to.identity();
        if (!identity.systemIdentifier().equals(control.systemIdentifier())
                || identity.timeline() != control.timeline()) {
            throw StepException.failed(to.name() + " is not a copy of " + from.name() + ": system "
                    + identity.systemIdentifier() + ", timeline " + identity.timeline() + ", not "
                    + control.systemIdentifier() + ", " + control.timeline());
        }
        Lsn end = control.checkpoint();
        moving.facts().put("checkpoint", end);
        moving.facts().put("timeline", control.timeline());
        moving.await(
                "replayed past " + end + " on " + to.name(),
                moving.sides().limits().catchUp(),
                () -> to.replayed().isAfter(end));
        moving.facts().put("replayed", to.replayed());
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            FenceRedis.requireAll(moving, pair);
        }
    }

    @Override
    public void undo(Moving moving) {
        // It changed nothing.
    }
}
