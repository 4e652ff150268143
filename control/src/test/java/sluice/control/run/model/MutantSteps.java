package sluice.control.run.model;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import sluice.control.check.Checks;
import sluice.control.gate.Gate;
import sluice.control.gate.GateState;
import sluice.control.postgres.Lsn;
import sluice.control.postgres.PostgresServer;
import sluice.control.postgres.PostgresServer.Status;
import sluice.control.redis.RedisServer;
import sluice.control.step.Moving;
import sluice.control.step.Step;
import sluice.control.step.StepException;
import sluice.control.step.Steps;

/** Steps with a defect. */
final class MutantSteps {
    private MutantSteps() {}

    @FunctionalInterface
    interface Deed {
        void happen(Moving moving) throws StepException, IOException;
    }

    /** The real step of this name with something changed. */
    record Changed(Step real, Step.Tier tier, Deed deed, Deed undoing) implements Step {
        @Override
        public int number() {
            return real.number();
        }

        @Override
        public String id() {
            return real.id();
        }

        @Override
        public String title() {
            return real.title();
        }

        @Override
        public String plan(Moving moving) {
            return real.plan(moving);
        }

        @Override
        public void perform(Moving moving) throws StepException, IOException {
            deed.happen(moving);
        }

        @Override
        public void undo(Moving moving) throws StepException, IOException {
            undoing.happen(moving);
        }
    }

    private static Step real(String id) {
        return Steps.move(Checks.ofServers()).stream()
                .filter(step -> step.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Step performing(String id, Deed deed) {
        Step real = real(id);
        return new Changed(real, real.tier(), deed, real::undo);
    }

    static List<Step> without(List<Step> steps, String id) {
        steps.removeIf(step -> step.id().equals(id));
        return steps;
    }

    static List<Step> replace(List<Step> steps, Step changed) {
        steps.replaceAll(step -> step.id().equals(changed.id()) ? changed : step);
        return steps;
    }

    static List<Step> promoteFirst(List<Step> steps) {
        // As "promote, then stop the old one": the fence and the proof come behind it.
        List<Step> order = new ArrayList<>(steps);
        Step fence = real("fence-postgres");
        without(order, "fence-postgres");
        without(order, "proof");
        replace(order, performing("promote", MutantSteps::promoteUnlocked));
        order.add(indexOf(order, "promote") + 1, new Changed(fence, Step.Tier.FORWARD, fence::perform, fence::undo));
        return order;
    }

    private static int indexOf(List<Step> steps, String id) {
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).id().equals(id)) {
                return i;
            }
        }
        throw new IllegalArgumentException(id);
    }

    private static void promoteUnlocked(Moving moving) throws StepException, IOException {
        PostgresServer to = moving.to().postgres();
        to.promote();
        moving.awaitPatiently("up", moving.sides().limits().promote(), () -> to.status() == Status.PRIMARY);
        for (int pair = 0; pair < moving.sides().redisPairs(); pair++) {
            promote(moving.to().redis().get(pair).server());
        }
    }

    private static void promote(RedisServer server) throws IOException {
        server.promote(server.view().runId());
    }

    static Step proofByReceived() {
        return performing("proof", moving -> {
            Lsn end = moving.from().postgres().controlData().checkpoint();
            moving.await("received", moving.sides().limits().catchUp(), () -> {
                Lsn received = moving.to().postgres().standby().received();
                return received != null && received.compareTo(end) >= 0;
            });
        });
    }

    static Step proofAtCheckpoint() {
        return performing("proof", moving -> {
            Lsn end = moving.from().postgres().controlData().checkpoint();
            moving.await(
                    "replayed",
                    moving.sides().limits().catchUp(),
                    () -> moving.to().postgres().replayed().compareTo(end) >= 0);
        });
    }

    static Step redisComparedFirst() {
        return performing("fence-redis", moving -> {
            RedisServer from = moving.from().redis().get(0).server();
            RedisServer to = moving.to().redis().get(0).server();
            long offset = from.view().offset();
            moving.facts().put("redis.0.offset", offset);
            moving.await(
                    "caught up",
                    moving.sides().limits().catchUp(),
                    () -> to.view().offset() >= offset);
            from.fence();
        });
    }

    static Step undoablePromote() {
        Step real = real("promote");
        return new Changed(real, Step.Tier.UNDOABLE, real::perform, moving -> {});
    }

    static List<Step> flipFirst(List<Step> steps) {
        int seal = indexOf(steps, "seal");
        Step sealing = steps.remove(seal);
        steps.set(seal, flipUnchecked());
        steps.add(seal + 1, sealing);
        return steps;
    }

    static List<Step> neverSealed(List<Step> steps) {
        return replace(without(steps, "seal"), flipUnchecked());
    }

    private static Step flipUnchecked() {
        return performing("flip", moving -> {
            for (Gate gate : moving.sides().gates()) {
                gate.flip(gate.state().epoch(), moving.to().name(), true);
            }
        });
    }

    static List<Step> releaseUnseen(List<Step> steps) {
        List<Step> order = without(steps, "verify");
        replace(order, performing("promote", moving -> {
            moving.to().postgres().promote();
            promote(moving.to().redis().get(0).server());
        }));
        return replace(order, performing("release", moving -> {
            for (Gate gate : moving.sides().gates()) {
                GateState state = gate.state();
                GateState.Hold hold = state.hold();
                gate.release(
                        state.epoch(),
                        hold == null ? null : hold.id(),
                        moving.to().name());
            }
        }));
    }

    static Step blindUnfence() {
        Step real = real("fence-postgres");
        return new Changed(real, real.tier(), real::perform, moving -> {
            PostgresServer from = moving.from().postgres();
            from.unfence();
            if (from.status() == Status.STANDBY) {
                from.stop(moving.sides().limits().stop());
            }
            from.start(moving.sides().limits().start());
        });
    }

    static List<Step> jobsBeforePromotion(List<Step> steps) {
        Step jobs = real("jobs");
        without(steps, "jobs");
        steps.add(indexOf(steps, "promote"), new Changed(jobs, Step.Tier.UNDOABLE, jobs::perform, moving -> {}));
        return steps;
    }

    static List<Step> jobsNotBarred(List<Step> steps) {
        replace(steps, performing("sidekiq", moving -> moving.from().workers().quiet()));
        return replace(
                steps,
                performing(
                        "jobs",
                        moving -> moving.to()
                                .workers()
                                .start(moving.to().workers().units())));
    }

    static Step eagerReverse() {
        return performing("reverse", moving -> {
            moving.from().redis().get(0).server().unfence();
            real("reverse").perform(moving);
        });
    }
}
