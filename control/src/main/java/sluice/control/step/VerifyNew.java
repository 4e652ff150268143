package sluice.control.step;

import java.io.IOException;

/** Step 13: a write and a read on the other side as the application does them, before anybody is let through. */
public final class VerifyNew implements Step {
    @Override
    public int number() {
        return 13;
    }

    @Override
    public String id() {
        return "verify";
    }

    @Override
    public String title() {
        return "{to} side tried";
    }

    @Override
    public Tier tier() {
        return Tier.FORWARD;
    }

    @Override
    public String plan(Moving moving) {
        return "a write and a read on " + moving.to().postgres().name() + " with the application's own connection";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        Writable.require(moving.to());
        moving.to().postgres().verifyAsApplication(moving.run());
    }

    @Override
    public void undo(Moving moving) throws StepException {
        throw StepException.unsafe("nothing is undone after the promotion");
    }
}
