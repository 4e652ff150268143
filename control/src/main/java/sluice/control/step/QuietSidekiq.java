package sluice.control.step;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.control.sidekiq.Worker;
import sluice.control.sidekiq.Workers;

/**
 * Step 3: nobody works on jobs any more on the side that is left. They stay in Redis and move with it. Before the hold, because
 * it takes some beats of Sidekiq's: users go on meanwhile, only what happens in the background waits.
 */
public final class QuietSidekiq implements Step {
    /** The units that ran, to be started again if the move is undone. */
    private static final String RAN = "sidekiq.ran";

    @Override
    public int number() {
        return 3;
    }

    @Override
    public String id() {
        return "sidekiq";
    }

    @Override
    public String title() {
        return "background jobs paused";
    }

    @Override
    public Tier tier() {
        return Tier.UNDOABLE;
    }

    @Override
    public String plan(Moving moving) {
        Workers workers = moving.from().workers();
        return workers == null
                ? "nothing: the site file names no Sidekiq"
                : "TSTP to " + String.join(", ", workers.units()) + " on "
                        + moving.from().name() + ", wait up to "
                        + moving.sides().limits().quiet().toSeconds()
                        + " s until no job is in hand, stop them and keep them from being started";
    }

    @Override
    public void perform(Moving moving) throws StepException, IOException {
        Workers workers = moving.from().workers();
        if (workers == null) {
            return;
        }
        workers.quiet();
        Map<String, String> idleSince = new HashMap<>();
        moving.awaitPatiently(
                "without a job in hand: " + workers.name(),
                moving.sides().limits().quiet(),
                () -> idle(workers.seen(), idleSince));
        workers.bar();
        if (!workers.barred()) {
            throw StepException.failed(workers.name() + " has been started again by somebody");
        }
    }

    /** Whether each has said so twice: the first time a job may have been taken a moment before, and not be counted yet. */
    private static boolean idle(List<Worker> workers, Map<String, String> idleSince) {
        boolean all = true;
        for (Worker worker : workers) {
            if (!worker.idle()) {
                idleSince.remove(worker.identity());
                all = false;
            } else {
                String first = idleSince.computeIfAbsent(worker.identity(), any -> worker.beat());
                all &= !first.equals(worker.beat());
            }
        }
        return all;
    }

    @Override
    public void undo(Moving moving) throws IOException {
        Workers workers = moving.from().workers();
        String ran = moving.facts().get(RAN);
        if (workers != null && ran != null && !ran.isEmpty()) {
            workers.start(List.of(ran.split(" ", -1)));
        }
    }

    /** Notes what runs; to be called before the step's intent is written, so that an undoing knows it. */
    static void note(Moving moving) throws IOException {
        Workers workers = moving.from().workers();
        if (workers != null) {
            moving.facts().put(RAN, String.join(" ", workers.running()));
        }
    }
}
