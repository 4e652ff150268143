package sluice.control.step;

import java.io.IOException;

/** Step 14: the gates open towards the other side, once it is seen to accept writes. */
public final class ReleaseWrites implements Step {
    @Override
    public int number() {
        return 14;
    }

    @Override
    public String id() {
        return "release";
    }

    @Override
    public String title() {
        return "writes go on";
    }

    @Override
    public Tier tier() {
        return Tier.FORWARD;
    }

    @Override
    public String plan(Moving moving) {
        return "release to " + moving.to().name() + ", those that waited first";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        moving.gates().release(moving.to());
    }

    @Override
    public void undo(Moving moving) throws StepException {
        throw StepException.unsafe("nothing is undone after the promotion");
    }
}
