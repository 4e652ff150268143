package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import sluice.control.sidekiq.Worker;
import sluice.control.sidekiq.Workers;

/** Every process that works on the jobs is one that can be paused, and none runs on the other side yet. */
final class SidekiqReady implements Check {
    @Override
    public String id() {
        return "sidekiq";
    }

    @Override
    public String title() {
        return "Sidekiq";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        Workers from = sides.from().workers();
        Workers to = sides.to().workers();
        if (from == null || to == null) {
            return List.of(Finding.ok("none in the site file"));
        }
        List<Finding> findings = new ArrayList<>();
        for (Workers workers : List.of(from, to)) {
            for (String unit : workers.missing()) {
                findings.add(Finding.blocker(
                        workers.name() + ": systemd knows no " + unit, "correct units in the site file"));
            }
        }
        for (Worker stranger : from.strangers()) {
            findings.add(Finding.blocker(
                    from.name() + ": the process " + stranger.identity() + " belongs to no unit of the site file",
                    "name its unit there, or end it"));
        }
        if (from.running().isEmpty()) {
            findings.add(Finding.warning(from.name() + " does not run", "start it, unless that is on purpose"));
        }
        for (String unit : to.running()) {
            findings.add(Finding.blocker(
                    to.name() + ": " + unit + " runs already; jobs would be done on both sides",
                    "systemctl disable --now " + unit + " on " + sides.to().name()));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok(from.name() + ": " + String.join(", ", from.running())))
                : findings;
    }
}
