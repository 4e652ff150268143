package sluice.control.step;

import java.io.IOException;

/** Step 5: every proxy holds writes, and none is in flight. */
public final class HoldWrites implements Step {
    @Override
    public int number() {
        return 5;
    }

    @Override
    public String id() {
        return "hold";
    }

    @Override
    public String title() {
        return "writes paused";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "hold writes at " + moving.sides().gates().size() + " proxy, lease "
                + moving.sides().limits().holdTtl().toSeconds() + " s, and wait up to "
                + moving.sides().limits().drainWait().toSeconds() + " s for those that run";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        Totals.of(moving.gates().states()).note(moving.facts(), "before");
        moving.gates().hold();
    }

    @Override
    public void undo(Moving moving) throws StepException, IOException {
        moving.gates().release(moving.from());
    }
}
