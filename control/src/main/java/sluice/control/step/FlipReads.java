package sluice.control.step;

import java.io.IOException;

/** Step 8: reads go to the other side's standby, so the site stays readable; then drained is asked for once more. */
public final class FlipReads implements Step {
    @Override
    public int number() {
        return 8;
    }

    @Override
    public String id() {
        return "flip";
    }

    @Override
    public String title() {
        return "reads switched to {to}";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "proxies send to " + moving.to().name() + "; writes stay paused";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        moving.gates().flip(moving.to());
        moving.gates().requireSealed(moving.to());
    }

    @Override
    public void undo(Moving moving) throws StepException, IOException {
        Writable.require(moving.from());
        moving.gates().flipBack(moving.from());
    }
}
