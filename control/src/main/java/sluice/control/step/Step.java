package sluice.control.step;

import java.io.IOException;
import sluice.control.check.Sides;

/**
 * One step of a run. Effects are idempotent: {@link #undo} and everything after the point of no return look what is
 * there and do what is missing, so that both may be repeated after a crash at any place.
 */
public interface Step {
    /** Its number in the design's table. */
    int number();

    /** Its name in the journal. */
    String id();

    /** What people read; {@code {from}} and {@code {to}} stand for the sides' names. */
    String title();

    /** The title with the sides' names in it. */
    default String title(Sides sides) {
        return title().replace("{from}", sides.from().name())
                .replace("{to}", sides.to().name());
    }

    /** Where it stands in a run. */
    Tier tier();

    /** What {@link #perform} will do, with names and addresses, for {@code --dry-run}. */
    String plan(Moving moving);

    /** Does it. Steps that can be undone are performed at most once a run; the others as often as it takes. */
    void perform(Moving moving) throws StepException, IOException;

    /** Takes back whatever of it is there. Called whether it was done, half done or only intended. */
    void undo(Moving moving) throws StepException, IOException;

    /** What a failure of a step means. */
    enum Tier {
        /** Before the point of no return: a failure undoes the run. */
        UNDOABLE,
        /** Its intent is the point of no return: from then on a run only goes forward. */
        POINT_OF_NO_RETURN,
        /** After it: tried again, then somebody is asked. Never undone. */
        FORWARD,
        /** The site is served again: a failure is a warning. */
        OPTIONAL
    }
}
