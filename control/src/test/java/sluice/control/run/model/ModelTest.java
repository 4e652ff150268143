package sluice.control.run.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Invariants 9 to 12 in every reachable state, and the search finds what each rule is for. */
final class ModelTest {
    private static final int FAULTS = 2;

    @Test
    void noReachableStateBreaksAnInvariant() {
        Search.Result result = new Search(Mutant.NONE, FAULTS).go();
        assertThat(result.violation())
                .as(() -> String.join("\n", result.trace()))
                .isNull();
        assertThat(result.ends()).containsKeys("DONE", "ABORTED", "REFUSED");
    }

    /** With one fault: every call of theirs is one more place for it. */
    @Test
    void jobsAreWorkedOnInOnePlaceOnlyAndGoOnWhereTheSiteIs() {
        Search.Result result = new Search(Mutant.NONE, 1, true).go();
        assertThat(result.violation())
                .as(() -> String.join("\n", result.trace()))
                .isNull();
        assertThat(result.ends()).containsKeys("DONE", "ABORTED", "REFUSED");
    }

    @ParameterizedTest
    @EnumSource(value = Mutant.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aRuleTakenOutIsFound(Mutant mutant) {
        Search.Result result = new Search(mutant, 1).go();
        if (result.violation() == null) {
            result = new Search(mutant, FAULTS).go();
        }
        assertThat(result.violation()).as(mutant.rule()).isNotNull();
    }
}
