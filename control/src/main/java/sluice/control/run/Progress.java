package sluice.control.run;

import sluice.control.step.Step;

/** Told what a run does, while it does it. Called by the run's thread; must not block for long. */
public interface Progress {
    /** A step begins. */
    void begun(Step step, String title);

    /** A step is done. */
    void done(Step step, String title, long millis);

    /** A step failed; what comes next is told by the following calls. */
    void failed(Step step, String title, String reason);

    /** A step is being taken back. */
    void undoing(Step step, String title);

    /** A step is taken back. */
    void undone(Step step, String title, long millis);

    /** The run goes on, but this should be known. */
    void warning(String text);

    /** Nobody is told. */
    static Progress none() {
        return new Progress() {
            @Override
            public void begun(Step step, String title) {}

            @Override
            public void done(Step step, String title, long millis) {}

            @Override
            public void failed(Step step, String title, String reason) {}

            @Override
            public void undoing(Step step, String title) {}

            @Override
            public void undone(Step step, String title, long millis) {}

            @Override
            public void warning(String text) {}
        };
    }
}
