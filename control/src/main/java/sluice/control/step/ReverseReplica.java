package sluice.control.step;

import java.io.IOException;
import sluice.control.check.Limits;
import sluice.control.check.RedisPeer;
import sluice.control.postgres.PostgresServer;
import sluice.control.postgres.PostgresServer.ReplicaView;
import sluice.control.postgres.PostgresServer.Status;
import sluice.control.redis.RedisServer.View;

/**
 * Step 16: the side that was left follows the other one, which is what makes the way back lossless. The slot comes
 * first, so that no log is recycled before the standby is there.
 */
public final class ReverseReplica implements Step {
    @Override
    public int number() {
        return 16;
    }

    @Override
    public String id() {
        return "reverse";
    }

    @Override
    public String title() {
        return "way back ready";
    }

    @Override
    public Tier tier() {
        return Tier.OPTIONAL;
    }

    @Override
    public String plan(Moving moving) {
        return "slot " + moving.from().slot() + " on " + moving.to().postgres().name() + "; start "
                + moving.from().postgres().name() + " as its standby and drop slot "
                + moving.to().slot() + " there; Redis of "
                + moving.from().name() + " follows " + moving.to().name();
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            redis(moving, moving.from().redis().get(pair), moving.to().redis().get(pair));
        }
        postgres(moving);
    }

    @Override
    public void undo(Moving moving) throws StepException {
        throw StepException.unsafe("nothing is undone after the promotion");
    }

    private static void postgres(Moving moving) throws StepException, IOException {
        Limits limits = moving.sides().limits();
        PostgresServer from = moving.from().postgres();
        PostgresServer to = moving.to().postgres();
        if (!moving.from().slot().isEmpty()) {
            to.makeSlot(moving.from().slot());
        }
        Status status = from.status();
        if (status == Status.PRIMARY || status == Status.STOPPED_PRIMARY) {
            throw StepException.unsafe(from.name() + " is a primary (" + status + "): somebody unlocked it");
        }
        if (status == Status.STOPPED_STANDBY) {
            from.start(limits.start());
        }
        moving.awaitPatiently("streaming from " + to.name() + ": " + from.name(), limits.attach(), () -> {
            ReplicaView seen = to.replica(moving.from().applicationName());
            return seen != null && seen.state().equals("streaming");
        });
        from.resetWalSender();
        if (!moving.to().slot().isEmpty()) {
            // Nobody reads from it any more, and a slot that is not read keeps the log until the disk is full.
            from.dropSlot(moving.to().slot());
        }
    }

    private static void redis(Moving moving, RedisPeer from, RedisPeer to) throws StepException, IOException {
        if (!to.server().view().writable()) {
            // Following a replica would make a loop.
            throw StepException.failed(to.server().name() + " is no writable master");
        }
        from.server().follow(to.host(), to.port());
        moving.await(
                "following " + to.server().name() + ": " + from.server().name(),
                moving.sides().limits().attach(),
                () -> {
                    View view = from.server().view();
                    return !view.master() && view.linkUp();
                });
        // Only now: a replica refuses writes by itself, a master without its lock would not.
        from.server().unfence();
    }
}
