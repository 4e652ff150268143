package sluice.control.step;

import java.io.IOException;
import sluice.control.check.Limits;
import sluice.control.check.RedisPeer;
import sluice.control.postgres.PostgresServer;
import sluice.control.postgres.PostgresServer.Status;
import sluice.control.redis.RedisServer;
import sluice.control.redis.RedisServer.View;

/**
 * Step 12, whose intent is the point of no return. Asking for the promotion may time out and the promotion still happen:
 * so nothing here is ever undone, and everything may be repeated.
 */
public final class Promote implements Step {
    @Override
    public int number() {
        return 12;
    }

    @Override
    public String id() {
        return "promote";
    }

    @Override
    public String title() {
        return "databases switched to {to}";
    }

    @Override
    public Tier tier() {
        return Tier.POINT_OF_NO_RETURN;
    }

    @Override
    public String plan(Moving moving) {
        return "pg_promote on " + moving.to().postgres().name() + ", REPLICAOF NO ONE on "
                + moving.sides().redisPairs() + " Redis of " + moving.to().name() + ". From here on only forward";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        requirePostgresLocked(moving);
        for (RedisPeer from : moving.from().redis()) {
            requireRedisLocked(from.server());
        }
        askPostgres(moving);
        // Postgres takes a moment, and Redis is promoted in it.
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            redis(moving, pair);
        }
        PostgresServer to = moving.to().postgres();
        moving.awaitPatiently(
                "a primary: " + to.name(), moving.sides().limits().promote(), () -> to.status() == Status.PRIMARY);
    }

    @Override
    public void undo(Moving moving) throws StepException {
        throw StepException.unsafe("a promotion cannot be undone: it may still be under way");
    }

    /**
     * The journal says that the other side was locked, stopped and compared. Unlocking it by hand, or promoting it, takes
     * standby.signal away: a look at a file tells, and costs nothing inside the hold.
     */
    private static void requirePostgresLocked(Moving moving) throws StepException {
        PostgresServer from = moving.from().postgres();
        try {
            if (from.fenced()) {
                return;
            }
        } catch (IOException unreachable) {
            // Its lock is on its disk: it can only come back as a standby.
            return;
        }
        throw StepException.unsafe(
                from.name() + " was unlocked by somebody after this run had locked it. Which side is" + " right? Stop "
                        + from.name() + " and put standby.signal into its data folder, then `sluice recover`");
    }

    private static void requireRedisLocked(RedisServer from) throws StepException {
        try {
            if (from.view().writable()) {
                throw StepException.unsafe(from.name() + " was unlocked by somebody after this run had locked it. Set"
                        + " min-replicas-to-write to 99 there and compare, then `sluice recover`");
            }
        } catch (IOException unreachable) {
            // The lock is in its configuration file.
        }
    }

    private static void askPostgres(Moving moving) throws StepException, IOException {
        Limits limits = moving.sides().limits();
        PostgresServer to = moving.to().postgres();
        Status status = to.status();
        if (status == Status.STOPPED_STANDBY || status == Status.STOPPED_PRIMARY) {
            to.start(limits.start());
            status = to.status();
        }
        if (status == Status.STANDBY) {
            to.promote();
        }
    }

    private static void redis(Moving moving, int pair) throws StepException, IOException {
        RedisPeer to = moving.to().redis().get(pair);
        View view = to.server().view();
        if (!view.master()) {
            if (!view.runId().equals(moving.facts().need(RedisFacts.runId(moving.to(), pair)))) {
                view = caughtUpAgain(moving, to, pair);
            }
            to.server().promote(view.runId());
        }
        if (!to.server().view().writable()) {
            throw StepException.failed(to.server().name() + " is not a writable master yet");
        }
    }

    /** It was restarted since the proof, and what it held may be gone. Its master is locked but alive: wait for it. */
    private static View caughtUpAgain(Moving moving, RedisPeer to, int pair) throws StepException, IOException {
        View[] seen = new View[1];
        moving.await(
                "caught up after its restart: " + to.server().name(),
                moving.sides().limits().attach(),
                () -> {
                    View view = to.server().view();
                    seen[0] = view;
                    return RedisFacts.holdsAll(moving, to, view, pair);
                });
        return seen[0];
    }
}
