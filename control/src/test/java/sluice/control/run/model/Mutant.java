package sluice.control.run.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import sluice.control.step.Step;
import sluice.control.step.Steps;

/** The real thing, and the same with one rule taken out. */
enum Mutant {
    NONE("the real steps"),
    FENCE_NOT_DURABLE("promote before the fence is durable: standby.signal is not synced, a reboot forgets it"),
    PROMOTE_BEFORE_FENCE("promote before old is locked", steps -> MutantSteps.promoteFirst(steps)),
    NO_PROOF("promote without the proof", steps -> MutantSteps.without(steps, "proof")),
    PROOF_BY_RECEIVED(
            "the proof takes what was received", steps -> MutantSteps.replace(steps, MutantSteps.proofByReceived())),
    PROOF_AT_CHECKPOINT(
            "the proof takes replay >= C", steps -> MutantSteps.replace(steps, MutantSteps.proofAtCheckpoint())),
    REDIS_PAUSE_ONLY("Redis is locked by a pause only"),
    REDIS_OFFSET_BEFORE_FENCE(
            "Redis is compared, then locked", steps -> MutantSteps.replace(steps, MutantSteps.redisComparedFirst())),
    REDIS_RESTART_UNNOTICED("nobody looks at run_id"),
    UNDO_AFTER_PROMOTE_INTENT(
            "a promotion that times out is undone", steps -> MutantSteps.replace(steps, MutantSteps.undoablePromote())),
    FLIP_BEFORE_SEAL("the flip comes before the seal", steps -> MutantSteps.flipFirst(steps)),
    NEVER_SEALED("an expired lease opens the gate", steps -> MutantSteps.neverSealed(steps)),
    INTENT_AFTER_EFFECT("the intent is written after the effect"),
    RELEASE_UNSEEN("release before the promotion is seen", steps -> MutantSteps.releaseUnseen(steps)),
    UNFENCE_UNSEEN(
            "old is unlocked without a look at new", steps -> MutantSteps.replace(steps, MutantSteps.blindUnfence())),
    REVERSE_UNFENCED_FIRST(
            "old Redis is unlocked before it follows", steps -> MutantSteps.replace(steps, MutantSteps.eagerReverse()));

    private final String rule;

    @SuppressWarnings("ImmutableEnumChecker")
    private final UnaryOperator<List<Step>> change;

    Mutant(String rule) {
        this(rule, steps -> steps);
    }

    Mutant(String rule, UnaryOperator<List<Step>> change) {
        this.rule = rule;
        this.change = change;
    }

    String rule() {
        return rule;
    }

    List<Step> steps() {
        return change.apply(new ArrayList<>(Steps.move()));
    }
}
