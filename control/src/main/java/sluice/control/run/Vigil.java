package sluice.control.run;

import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import sluice.control.check.Limits;
import sluice.control.step.Gates;
import sluice.control.step.Pace;
import sluice.control.step.StepException;
import sluice.control.step.Watch;

/**
 * Looks, in every wait of a step, whether the run may go on, and renews the hold's lease when a third of it is gone.
 * Used by the run's thread only.
 */
final class Vigil implements Watch {
    private final Pace pace;
    private final Limits limits;
    private final BooleanSupplier abortRequested;
    private @Nullable Gates gates;
    private boolean cancellable = true;
    private long heldSince;
    private long renewed;

    Vigil(Pace pace, Limits limits, BooleanSupplier abortRequested) {
        this.pace = pace;
        this.limits = limits;
        this.abortRequested = abortRequested;
    }

    /** From now on there may be a hold: its time is counted and its lease kept. */
    void holding(Gates held) {
        gates = held;
        heldSince = pace.millis();
        renewed = heldSince;
    }

    /** There is no hold any more. */
    void released() {
        gates = null;
    }

    /** From now on nothing stops the run: it is past the point of no return, or on its way back. */
    void committed() {
        cancellable = false;
    }

    @Override
    public void look() throws StepException {
        long now = pace.millis();
        if (cancellable) {
            if (abortRequested.getAsBoolean()) {
                throw StepException.failed("somebody asked for an abort");
            }
            long budget = limits.holdBudget().toMillis();
            if (gates != null && now - heldSince > budget) {
                throw StepException.failed("writes have been paused for " + (now - heldSince)
                        + " ms, longer than hold_budget (" + budget + " ms)");
            }
        }
        if (gates != null && now - renewed > limits.holdTtl().toMillis() / 3) {
            renewed = now;
            renew(gates);
        }
    }

    private void renew(Gates held) throws StepException {
        try {
            held.renew();
        } catch (IOException failed) {
            if (cancellable) {
                throw StepException.failed("the pause could not be prolonged: " + failed.getMessage());
            }
        } catch (StepException ended) {
            // Once the hold is sealed it ends by asking writes to retry, which is no reason not to go on.
            if (cancellable) {
                throw ended;
            }
        }
    }
}
