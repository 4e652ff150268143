package sluice.control.run.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import sluice.control.check.Checks;
import sluice.control.step.Step;
import sluice.control.step.Steps;

/** The real thing, and the same with one rule taken out. */
enum Mutant {
    NONE("the real steps", ""),
    FENCE_NOT_DURABLE(
            "promote before the fence is durable: standby.signal is not synced, a reboot forgets it",
            World.TWO_POSTGRES),
    PROMOTE_BEFORE_FENCE("promote before old is locked", World.POSTGRES_LOST, steps -> MutantSteps.promoteFirst(steps)),
    NO_PROOF("promote without the proof", World.POSTGRES_LOST, steps -> MutantSteps.without(steps, "proof")),
    PROOF_BY_RECEIVED(
            "the proof takes what was received",
            World.POSTGRES_LOST,
            steps -> MutantSteps.replace(steps, MutantSteps.proofByReceived())),
    PROOF_AT_CHECKPOINT(
            "the proof takes replay >= C",
            World.FORKED,
            steps -> MutantSteps.replace(steps, MutantSteps.proofAtCheckpoint())),
    REDIS_PAUSE_ONLY("Redis is locked by a pause only", World.TWO_REDIS),
    REDIS_OFFSET_BEFORE_FENCE(
            "Redis is compared, then locked",
            World.REDIS_LOST,
            steps -> MutantSteps.replace(steps, MutantSteps.redisComparedFirst())),
    REDIS_RESTART_UNNOTICED("nobody looks at run_id", World.REDIS_LOST),
    UNDO_AFTER_PROMOTE_INTENT(
            "a promotion that times out is undone",
            World.TWO_POSTGRES,
            steps -> MutantSteps.replace(steps, MutantSteps.undoablePromote())),
    FLIP_BEFORE_SEAL("the flip comes before the seal", World.OPEN_TO_READ_ONLY, steps -> MutantSteps.flipFirst(steps)),
    NEVER_SEALED("an expired lease opens the gate", World.OPEN_TO_READ_ONLY, steps -> MutantSteps.neverSealed(steps)),
    INTENT_AFTER_EFFECT("the intent is written after the effect", World.TWO_POSTGRES),
    RELEASE_UNSEEN(
            "release before the promotion is seen", World.OPEN_TO_READ_ONLY, steps -> MutantSteps.releaseUnseen(steps)),
    UNFENCE_UNSEEN(
            "old is unlocked without a look at new",
            World.TWO_POSTGRES,
            steps -> MutantSteps.replace(steps, MutantSteps.blindUnfence())),
    REVERSE_UNFENCED_FIRST(
            "old Redis is unlocked before it follows",
            World.TWO_REDIS,
            steps -> MutantSteps.replace(steps, MutantSteps.eagerReverse())),
    JOBS_TOO_EARLY(
            "jobs go on before the promotion",
            World.JOBS_ON_A_STANDBY,
            steps -> MutantSteps.jobsBeforePromotion(steps)),
    JOBS_NOT_BARRED(
            "Sidekiq is quiet on old, and not kept from being started",
            World.JOBS_ON_BOTH,
            steps -> MutantSteps.jobsNotBarred(steps));

    private final String rule;
    private final String breaks;

    @SuppressWarnings("ImmutableEnumChecker")
    private final UnaryOperator<List<Step>> change;

    Mutant(String rule, String breaks) {
        this(rule, breaks, steps -> steps);
    }

    Mutant(String rule, String breaks, UnaryOperator<List<Step>> change) {
        this.rule = rule;
        this.breaks = breaks;
        this.change = change;
    }

    String rule() {
        return rule;
    }

    /** The invariant that the rule keeps. */
    String breaks() {
        return breaks;
    }

    /** Whether it is about Sidekiq. */
    boolean jobs() {
        return breaks.equals(World.JOBS_ON_A_STANDBY) || breaks.equals(World.JOBS_ON_BOTH);
    }

    List<Step> steps() {
        return change.apply(new ArrayList<>(Steps.move(Checks.ofServers())));
    }
}
