package sluice.control.step;

import java.io.IOException;
import sluice.control.check.Limits;
import sluice.control.postgres.PostgresServer;
import sluice.control.postgres.PostgresServer.Status;

/**
 * Step 10: whoever starts this Postgres from now on gets a standby; then it is stopped. The files come first: a stop
 * without them could be answered by a restart as a primary.
 */
public final class FencePostgres implements Step {
    @Override
    public int number() {
        return 10;
    }

    @Override
    public String id() {
        return "fence-postgres";
    }

    @Override
    public String title() {
        return "{from} database locked";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "standby.signal and primary_conninfo = '" + moving.from().following(moving.to())
                + "' in the data folder of " + moving.from().postgres().name() + ", then a fast stop";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        PostgresServer from = moving.from().postgres();
        from.fence(moving.from().following(moving.to()));
        if (!from.fenced()) {
            throw StepException.failed(from.name() + ": standby.signal is not there although it was written");
        }
        from.stop(moving.sides().limits().stop());
    }

    @Override
    public void undo(Moving moving) throws StepException, IOException {
        Limits limits = moving.sides().limits();
        PostgresServer from = moving.from().postgres();
        Writable.forbidPostgres(moving.to());
        from.unfence();
        Status status = from.status();
        if (status == Status.STANDBY) {
            // Somebody started it while it was locked. Without standby.signal the next start makes it a primary again,
            // on its own timeline.
            from.stop(limits.stop());
            status = from.status();
        }
        if (status == Status.STOPPED_PRIMARY || status == Status.UNKNOWN) {
            // Unknown here is a server that does not answer: its lock is gone, so a start can only make it what it was.
            from.start(limits.start());
        }
        moving.awaitPatiently("up as a primary: " + from.name(), limits.start(), () -> from.status() == Status.PRIMARY);
    }
}
