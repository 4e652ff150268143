package sluice.control.step;

import java.io.IOException;
import sluice.control.check.RedisPeer;
import sluice.control.postgres.Lsn;
import sluice.control.redis.RedisServer.View;

/**
 * Step 6: a marker in the log and a nonce in each Redis, and the other side has both. The marker's synchronous commit
 * flushes whatever was committed asynchronously before it.
 */
public final class MarkLog implements Step {
    @Override
    public int number() {
        return 6;
    }

    @Override
    public String id() {
        return "marker";
    }

    @Override
    public String title() {
        return "{to} side caught up";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "write a marker into the log of " + moving.from().postgres().name()
                + " and into each Redis, and wait up to "
                + moving.sides().limits().catchUp().toSeconds() + " s until "
                + moving.to().name() + " has them";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        Lsn marker = moving.from().postgres().marker(moving.run());
        moving.facts().put("marker", marker);
        long[] offsets = new long[moving.sides().redisPairs()];
        for (int pair = 0; pair < offsets.length; pair++) {
            offsets[pair] = moving.from().redis().get(pair).server().mark(moving.run());
        }
        moving.await(
                "replayed up to " + marker + " on " + moving.to().postgres().name(),
                moving.sides().limits().catchUp(),
                () -> moving.to().postgres().replayed().compareTo(marker) >= 0);
        for (int pair = 0; pair < offsets.length; pair++) {
            RedisPeer to = moving.to().redis().get(pair);
            long offset = offsets[pair];
            moving.await(
                    "caught up: " + to.server().name(), moving.sides().limits().catchUp(), () -> {
                        View view = to.server().view();
                        return view.linkUp()
                                && view.offset() >= offset
                                && moving.run().equals(to.server().marked());
                    });
        }
    }

    @Override
    public void undo(Moving moving) {
        // A marker in the log harms nobody, and the nonce expires.
    }
}
