package sluice.control.step;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import sluice.control.check.Side;
import sluice.control.check.Sides;

/**
 * What a step is given. Used by the run's thread only.
 *
 * @param run the run's id; it goes into the marker, the nonce and the hold's owner
 * @param sides everything that is moved
 * @param facts what the journal knows
 * @param pace clock and waits
 * @param watch asked in every wait
 * @param warnings takes what people should know although the run goes on
 */
public record Moving(String run, Sides sides, Facts facts, Pace pace, Watch watch, Consumer<String> warnings) {
    /** How often a wait looks: short, because these waits lie inside the hold. */
    private static final Duration EVERY = Duration.ofMillis(5);

    public Side from() {
        return sides.from();
    }

    public Side to() {
        return sides.to();
    }

    /** The owner of this run's hold. The id of a hold may be lost with an answer; its owner is found again. */
    public String owner() {
        return "sluice run " + run;
    }

    /** The gates as this run uses them. */
    public Gates gates() {
        return new Gates(this);
    }

    /** Something that is true or not yet. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws IOException, StepException;
    }

    /**
     * Waits until {@code condition} holds. What it throws ends the wait.
     *
     * @param what completes "not … within"
     */
    public void await(String what, Duration bound, Condition condition) throws StepException, IOException {
        long end = pace.millis() + bound.toMillis();
        while (true) {
            watch.look();
            if (condition.holds()) {
                return;
            }
            if (pace.millis() >= end) {
                throw StepException.failed("not " + what + " within " + bound.toMillis() + " ms");
            }
            pace.pause(EVERY);
        }
    }

    /** The same for what may be unreachable for a while: only the bound ends the wait, and the last error is told. */
    public void awaitPatiently(String what, Duration bound, Condition condition) throws StepException {
        IOException[] last = new IOException[1];
        try {
            await(what, bound, () -> {
                try {
                    return condition.holds();
                } catch (IOException notNow) {
                    last[0] = notNow;
                    return false;
                }
            });
        } catch (IOException never) {
            throw new AssertionError(never);
        } catch (StepException late) {
            if (last[0] == null || late.isUnsafe()) {
                throw late;
            }
            throw StepException.failed(late.getMessage() + " (last error: " + last[0].getMessage() + ")");
        }
    }
}
