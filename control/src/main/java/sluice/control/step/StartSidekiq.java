package sluice.control.step;

import java.io.IOException;
import sluice.control.sidekiq.Workers;

/** Step 15: the jobs go on where the site is now, and only there. */
public final class StartSidekiq implements Step {
    @Override
    public int number() {
        return 15;
    }

    @Override
    public String id() {
        return "jobs";
    }

    @Override
    public String title() {
        return "background jobs go on";
    }

    @Override
    public Tier tier() {
        return Tier.OPTIONAL;
    }

    @Override
    public String plan(Moving moving) {
        Workers workers = moving.to().workers();
        return workers == null
                ? "nothing: the site file names no Sidekiq"
                : "start " + String.join(", ", workers.units()) + " on "
                        + moving.to().name();
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        Workers there = moving.from().workers();
        Workers here = moving.to().workers();
        if (there == null || here == null) {
            return;
        }
        if (!there.barred()) {
            throw StepException.unsafe(there.name() + " runs, or could be started by anybody: `systemctl stop` "
                    + String.join(" ", there.units()) + " on " + moving.from().name()
                    + ", then start it on " + moving.to().name());
        }
        if (here.running().size() < here.units().size() || here.seen().isEmpty()) {
            here.start(here.units());
        }
        moving.awaitPatiently(
                "at work: " + here.name(),
                moving.sides().limits().start(),
                () -> here.seen().stream().anyMatch(worker -> !worker.quiet()));
    }

    @Override
    public void undo(Moving moving) throws StepException {
        throw StepException.unsafe("nothing is undone after the promotion");
    }
}
