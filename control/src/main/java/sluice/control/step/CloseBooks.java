package sluice.control.step;

import java.io.IOException;

/** Step 17: what the proxies counted, for the report. */
public final class CloseBooks implements Step {
    @Override
    public int number() {
        return 17;
    }

    @Override
    public String id() {
        return "report";
    }

    @Override
    public String title() {
        return "report written";
    }

    @Override
    public Tier tier() {
        return Tier.OPTIONAL;
    }

    @Override
    public String plan(Moving moving) {
        return "write the report";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        Totals.of(moving.gates().states()).note(moving.facts(), "after");
    }

    @Override
    public void undo(Moving moving) throws StepException {
        throw StepException.unsafe("nothing is undone after the promotion");
    }
}
