package sluice.control.step;

import java.io.IOException;
import sluice.control.check.RedisPeer;
import sluice.control.redis.RedisServer;
import sluice.control.redis.RedisServer.View;

/**
 * Step 9: every Redis of the side that is left refuses writes, on disk too, and its replica has all it ever accepted.
 * The offset is read after the lock, so it covers writers that came by no proxy.
 */
public final class FenceRedis implements Step {
    @Override
    public int number() {
        return 9;
    }

    @Override
    public String id() {
        return "fence-redis";
    }

    @Override
    public String title() {
        return "{from} Redis locked and compared";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "min-replicas-to-write 99 and CONFIG REWRITE on "
                + moving.sides().redisPairs() + " Redis of " + moving.from().name();
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            RedisServer from = moving.from().redis().get(pair).server();
            from.fence();
            View locked = from.view();
            if (!locked.master() || !locked.fenced()) {
                throw StepException.failed(from.name() + " did not stay locked");
            }
            RedisFacts.requireSameStart(moving, moving.from(), pair, locked);
            moving.facts().put(RedisFacts.offset(pair), locked.offset());
        }
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            requireAll(moving, pair);
        }
    }

    /** The replica of a pair, never restarted, holds everything. */
    static void requireAll(Moving moving, int pair) throws StepException, IOException {
        RedisPeer to = moving.to().redis().get(pair);
        moving.await("caught up: " + to.server().name(), moving.sides().limits().catchUp(), () -> {
            View view = to.server().view();
            RedisFacts.requireSameStart(moving, moving.to(), pair, view);
            return !view.master() && RedisFacts.holdsAll(moving, to, view, pair);
        });
    }

    @Override
    public void undo(Moving moving) throws StepException, IOException {
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            Writable.forbidRedis(moving.to().redis().get(pair));
            RedisServer from = moving.from().redis().get(pair).server();
            from.unfence();
            if (!from.view().writable()) {
                throw StepException.failed(from.name() + " does not accept writes again");
            }
        }
    }
}
