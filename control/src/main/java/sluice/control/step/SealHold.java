package sluice.control.step;

import java.io.IOException;

/**
 * Step 7: an expired lease no longer opens the gate. This comes before the flip: were control to die between the two
 * the other way round, the lease would open the gate towards a side that cannot write yet.
 */
public final class SealHold implements Step {
    @Override
    public int number() {
        return 7;
    }

    @Override
    public String id() {
        return "seal";
    }

    @Override
    public String title() {
        return "pause made to last";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "should control die from here on: writes are asked to retry until `sluice recover`";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        moving.gates().seal();
    }

    @Override
    public void undo(Moving moving) throws StepException, IOException {
        moving.gates().unseal();
    }
}
