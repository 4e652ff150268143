package sluice.control.step;

import java.io.IOException;
import sluice.control.check.RedisPeer;
import sluice.control.check.Side;
import sluice.control.postgres.PostgresServer.Status;
import sluice.control.redis.RedisServer.View;

/** The two questions on which "never two writable" rests. Both look, and never remember. */
final class Writable {
    private Writable() {}

    /** A gate is opened only towards a side that can write. */
    static void require(Side side) throws StepException, IOException {
        Status status = side.postgres().status();
        if (status != Status.PRIMARY) {
            throw StepException.failed(side.postgres().name() + " does not accept writes (" + status
                    + "), so the gate stays shut. Start it, then `sluice recover`");
        }
        for (RedisPeer peer : side.redis()) {
            if (!peer.server().view().writable()) {
                throw StepException.failed(peer.server().name()
                        + " does not accept writes, so the gate stays shut. Look at it, then `sluice recover`");
            }
        }
    }

    /**
     * A side is unlocked only when the other one is not writable. Before the point of no return no run has asked the
     * other side to promote, so a side that cannot be reached then is no primary by this run's doing, and the undoing
     * goes on; but somebody may have promoted it by hand, and that is looked for.
     */
    static void forbidPostgres(Side other) throws StepException {
        Status status;
        try {
            status = other.postgres().status();
        } catch (IOException unreachable) {
            return;
        }
        if (status == Status.PRIMARY || status == Status.STOPPED_PRIMARY) {
            throw StepException.unsafe(other.postgres().name()
                    + " is a primary, and this run did not promote it. Which side is right? The other one stays"
                    + " locked until that is decided: two primaries would lose writes");
        }
    }

    /** The same for one Redis instance. */
    static void forbidRedis(RedisPeer other) throws StepException {
        View view;
        try {
            view = other.server().view();
        } catch (IOException unreachable) {
            return;
        }
        if (view.writable()) {
            throw StepException.unsafe(other.server().name()
                    + " is a master, and this run did not promote it. Which side is right? The other one stays"
                    + " locked until that is decided");
        }
    }
}
