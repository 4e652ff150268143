package sluice.control.step;

import java.io.IOException;
import sluice.control.check.RedisPeer;
import sluice.control.check.Side;
import sluice.control.redis.RedisServer.View;

/** What the journal remembers about the Redis pairs, and the proof that it allows. */
final class RedisFacts {
    private RedisFacts() {}

    static String runId(Side side, int pair) {
        return "redis." + pair + "." + side.name() + ".run_id";
    }

    static String offset(int pair) {
        return "redis." + pair + ".offset";
    }

    /** Neither instance of the pair was restarted since the run prepared. */
    static void requireSameStart(Moving moving, Side side, int pair, View view) throws StepException {
        if (!view.runId().equals(moving.facts().need(runId(side, pair)))) {
            throw StepException.failed(side.redis().get(pair).server().name()
                    + " was started anew during the move; let its replica catch up, then move again");
        }
    }

    /** The replica follows and holds everything up to the locked master's last write, and this run's nonce. */
    static boolean holdsAll(Moving moving, RedisPeer to, View view, int pair) throws StepException, IOException {
        return !view.syncing()
                && view.linkUp()
                && view.offset() >= Long.parseLong(moving.facts().need(offset(pair)))
                && moving.run().equals(to.server().marked());
    }
}
