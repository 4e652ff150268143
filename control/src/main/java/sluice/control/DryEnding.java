package sluice.control;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import sluice.control.run.FileJournal;
import sluice.control.run.History;
import sluice.control.run.History.Direction;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;
import sluice.control.step.Step;
import sluice.control.step.Step.Tier;

/** What {@code recover} and {@code abort} would do, from the journal alone. */
final class DryEnding {
    private DryEnding() {}

    static int show(Screen screen, Machinery machinery) throws IOException {
        Optional<String> run = machinery.folder().latest();
        if (run.isEmpty()) {
            screen.end(
                    new Outcome(Kind.ABORTED, "no run was ever started", List.of()), "sluice move", "nothing to undo");
            return Exit.DONE;
        }
        History history = new History(FileJournal.read(machinery.folder().journal(run.get())));
        if (history.ended().isPresent()) {
            screen.end(
                    new Outcome(history.ended().get(), "run " + run.get() + " has ended", List.of()),
                    "sluice status",
                    "nothing to undo");
            return Exit.DONE;
        }
        StringBuilder plan = new StringBuilder();
        if (history.pastPointOfNoReturn()) {
            plan.append("run ").append(run.get()).append(" would be finished; abort would be refused:");
            for (Step step : machinery.steps(history.direction().orElse(Direction.THERE))) {
                if (step.tier() != Tier.UNDOABLE) {
                    plan.append(' ').append(step.id());
                }
            }
        } else {
            plan.append("run ").append(run.get()).append(" would be taken back, last step first:");
            List<Step> steps = machinery.steps(history.direction().orElse(Direction.THERE));
            for (int i = steps.size() - 1; i >= 0; i--) {
                if (history.intended(steps.get(i).id())) {
                    plan.append(' ').append(steps.get(i).id());
                }
            }
        }
        screen.end(new Outcome(Kind.BUSY, plan.toString(), List.of()), "sluice recover", "nothing to undo");
        return Exit.DONE;
    }
}
