package sluice.control.step;

/** Asked in every wait of a step: may it go on? Keeps the lease of the hold meanwhile. */
@FunctionalInterface
public interface Watch {
    /** Throws when the run has to stop: its time is spent, or somebody asked for it. */
    void look() throws StepException;
}
