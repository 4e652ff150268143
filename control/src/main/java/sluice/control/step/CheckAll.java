package sluice.control.step;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import sluice.control.check.Checks;
import sluice.control.check.Finding.Verdict;

/** Step 1: everything again, now. Nothing starts if something blocks or cannot be told. */
public final class CheckAll implements Step {
    private final Checks checks;

    public CheckAll(Checks checks) {
        this.checks = checks;
    }

    @Override
    public int number() {
        return 1;
    }

    @Override
    public String id() {
        return "check";
    }

    @Override
    public String title() {
        return "checked";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        return "look at both databases, Redis and the proxies; change nothing";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        List<Checks.Result> results = checks.look(moving.sides());
        results.stream()
                .filter(result -> result.finding().verdict() == Verdict.WARNING)
                .forEach(result -> moving.warnings().accept(result.toString()));
        String blockers = results.stream()
                .filter(result -> result.finding().blocks())
                .map(Checks.Result::toString)
                .collect(Collectors.joining("\n"));
        if (!blockers.isEmpty()) {
            throw StepException.failed(blockers);
        }
        QuietSidekiq.note(moving);
    }

    @Override
    public void undo(Moving moving) {
        // It changed nothing.
    }
}
