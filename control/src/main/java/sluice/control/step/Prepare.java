package sluice.control.step;

import java.io.IOException;
import sluice.control.check.RedisPeer;
import sluice.control.gate.Gate;

/**
 * Step 4: what can be done before the hold is not done in it. A checkpoint makes the stop short; every connection is
 * open; {@code wal_sender_timeout} bounds a stop that waits for a frozen receiver.
 */
public final class Prepare implements Step {
    @Override
    public int number() {
        return 4;
    }

    @Override
    public String id() {
        return "prepare";
    }

    @Override
    public String title() {
        return "prepared";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "CHECKPOINT on " + moving.from().postgres().name() + " and "
                + moving.to().postgres().name() + "; wal_sender_timeout = "
                + moving.sides().limits().walSender().toMillis() + " ms on "
                + moving.from().postgres().name() + "; open every connection";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        moving.from().postgres().open();
        moving.to().postgres().open();
        for (Gate gate : moving.sides().gates()) {
            gate.open();
        }
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            RedisPeer from = moving.from().redis().get(pair);
            RedisPeer to = moving.to().redis().get(pair);
            from.server().open();
            to.server().open();
            // A restart in between would make offsets incomparable and could lose what was only in memory.
            moving.facts()
                    .put(
                            RedisFacts.runId(moving.from(), pair),
                            from.server().view().runId());
            moving.facts()
                    .put(RedisFacts.runId(moving.to(), pair), to.server().view().runId());
        }
        moving.from().postgres().boundWalSender(moving.sides().limits().walSender());
        moving.from().postgres().checkpoint();
        moving.to().postgres().checkpoint();
    }

    @Override
    public void undo(Moving moving) {
        try {
            moving.from().postgres().resetWalSender();
        } catch (IOException notNow) {
            moving.warnings()
                    .accept("wal_sender_timeout is still low, which does no harm: ALTER SYSTEM RESET wal_sender_timeout"
                            + " on " + moving.from().postgres().name() + " (" + notNow.getMessage() + ")");
        }
    }
}
