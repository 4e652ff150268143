package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Routing;

/** What whoever asked for something was promised: that he is answered, and that what he was told lasts. */
final class PromiseChecks {
    /** What a command may wait for. */
    enum Waits {
        FOR_NOTHING,
        FOR_DRAINED,
        FOR_OPEN
    }

    private record Asked(CompletableFuture<?> answer, Waits waits) {}

    private final World world;
    private final List<Asked> asked = new ArrayList<>();
    private final List<CompletableFuture<RehearsalReport>> rehearsals = new ArrayList<>();
    private Instant begun = Instant.MIN;
    private boolean stopping;
    private AssertionError broken;

    PromiseChecks(World world) {
        this.world = world;
    }

    void started() {
        asked.clear();
        rehearsals.clear();
        stopping = false;
        begun = world.thread.time().wall().instant();
        world.gate.watch(this::changed);
    }

    void command(CompletableFuture<GateState> answer, Waits waits) {
        asked.add(new Asked(answer, waits));
        refusedWhenStopping(answer);
    }

    void rehearsal(CompletableFuture<RehearsalReport> report) {
        rehearsals.add(report);
        refusedWhenStopping(report);
    }

    private void refusedWhenStopping(CompletableFuture<?> answer) {
        if (!stopping) {
            return;
        }
        CompletableFuture<?> unused = answer.whenComplete((done, failure) -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            if (!(cause instanceof GateException refused) || refused.kind() != GateException.Kind.CONFLICT) {
                broken = new AssertionError("done although the proxy stops: " + done, failure);
            }
        });
    }

    /** Whoever renewed a hold was told until when it lasts. */
    private void changed(Change change) {
        Hold hold = change.before().hold();
        if (change.what().startsWith("lease ran out")
                && hold != null
                && change.at().isBefore(hold.expires())) {
            broken = new AssertionError("the lease ended before its time: " + change);
        }
    }

    void step() {
        if (broken != null) {
            throw broken;
        }
        if (!rehearsals.stream().allMatch(CompletableFuture::isDone)
                || rehearsals.stream().anyMatch(PromiseChecks::couldNotRelease)) {
            return;
        }
        for (int loop = 0; loop < world.loops.size(); loop++) {
            Routing routing = world.routingOf(loop);
            if (isOfRehearsal(routing.hold())
                    && routing.phase() != Phase.RELEASING
                    && !routing.hold().since().isBefore(begun)) {
                throw new AssertionError("a rehearsal has answered and its hold is there: " + routing);
            }
        }
    }

    private static boolean isOfRehearsal(Hold hold) {
        return hold != null && hold.owner().startsWith("rehearsal of ");
    }

    private static boolean couldNotRelease(CompletableFuture<RehearsalReport> report) {
        return !report.isCompletedExceptionally() && report.join().note().contains("did not go through");
    }

    /** Everything that could run did: whoever still waits waits for something that has not come yet. */
    void settled() {
        asked.removeIf(one -> one.answer().isDone());
        Phase phase = world.routingOf(0).phase();
        for (Asked one : asked) {
            boolean right = switch (one.waits()) {
                case FOR_NOTHING -> false;
                case FOR_DRAINED -> phase == Phase.HOLDING;
                case FOR_OPEN -> phase == Phase.RELEASING;
            };
            assertThat(right && !stopping)
                    .as("it waits %s while the gate is %s", one.waits(), phase)
                    .isTrue();
        }
        if (stopping) {
            assertThat(world.where(SimRequest.Where.WAITING))
                    .as("nobody waits when the proxy stops")
                    .isEmpty();
        }
    }

    /** The process has been told to stop. */
    void stopping() {
        stopping = true;
    }

    /** It has stopped, and the disk took what it said. */
    void stopped(Routing onDisk) {
        assertThat(isOfRehearsal(onDisk.hold())
                        && onDisk.arrivals() != Arrivals.PASS
                        && !onDisk.hold().since().isBefore(begun)
                        && rehearsals.stream().noneMatch(PromiseChecks::couldNotRelease))
                .as("a rehearsal's hold outlives the process: %s", onDisk)
                .isFalse();
    }

    /** The gate has been open for as long as streams are closed: those that are left on the other side have been told. */
    void streams() {
        Routing routing = world.routingOf(0);
        Preview preview = routing.preview();
        for (SimRequest request : world.where(SimRequest.Where.STREAM)) {
            boolean previewed = preview != null && preview.equals(request.passage.preview);
            assertThat(request.side == routing.active() || previewed || request.closed > 0)
                    .as("a stream is left behind on %s: %s", request.side, routing)
                    .isTrue();
        }
    }
}
