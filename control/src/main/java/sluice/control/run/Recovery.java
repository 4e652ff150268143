package sluice.control.run;

import java.util.List;
import sluice.control.check.Sides;
import sluice.control.run.Journal.JournalException;
import sluice.control.step.Pace;
import sluice.control.step.Step;

/**
 * Ends a run that was cut off or that asked for somebody. The journal says only which steps may have had effects and
 * whether the point of no return was passed; what is there is looked up. Before that point everything intended is taken
 * back; after it the run goes forward. It may be killed and repeated at any place.
 */
public final class Recovery {
    private final Journal journal;
    private final Course course;

    /**
     * @param id the run's
     * @param sides in the run's direction
     * @param journal the run's; the caller has the lock and closes it
     */
    public Recovery(String id, Sides sides, List<Step> steps, Journal journal, Pace pace, Progress progress) {
        this.journal = journal;
        this.course = new Course(id, sides, steps, journal, pace, () -> false, progress);
    }

    /** Goes whichever way is right. */
    public Outcome recover() throws JournalException {
        History history = course.history();
        if (history.ended().isPresent()) {
            return new Outcome(history.ended().get(), "this run had ended already", List.of());
        }
        if (journal.room() < Journal.ROOM_FOR_A_RUN / 4) {
            throw new JournalException("the journal has room for " + journal.room()
                    + " bytes only: keep a copy of it elsewhere and ask for help; the databases decide");
        }
        if (history.intended("hold")) {
            course.vigil().holding(course.moving().gates());
        }
        return history.pastPointOfNoReturn()
                ? course.goForward()
                : course.undoAll("it was cut off before the point of no return");
    }
}
