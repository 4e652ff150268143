package sluice.demo.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.demo.load.Acknowledged;

class VerdictTest {
    private static final List<Acknowledged> TOLD = List.of(new Acknowledged("a-0", 1), new Acknowledged("b-0", 2));
    private static final List<Stored> WHOLE = List.of(new Stored("a-0", 1), new Stored("b-0", 2));

    @Test
    void nothingIsFoundWhenEverythingIsThereOnce() {
        Verdict verdict = Verdict.compare(TOLD, WHOLE, WHOLE);
        assertThat(verdict.lost()).isEmpty();
        assertThat(verdict.doubled()).isEmpty();
    }

    @Test
    void anAcknowledgedRowThatIsNotThereIsLost() {
        Verdict verdict = Verdict.compare(TOLD, List.of(new Stored("a-0", 1)), WHOLE);
        assertThat(verdict.lost()).containsExactly("no row with id 2 for b-0");
        assertThat(verdict.doubled()).isEmpty();
    }

    @Test
    void anAcknowledgedJobThatIsNotThereIsLost() {
        assertThat(Verdict.compare(TOLD, WHOLE, List.of(new Stored("b-0", 2))).lost())
                .containsExactly("no job with id 1 for a-0");
    }

    @Test
    void aRowWhoseIdWentToAnotherIsLost() {
        List<Stored> rows = List.of(new Stored("a-0", 1), new Stored("c-0", 2));
        assertThat(Verdict.compare(TOLD, rows, WHOLE).lost())
                .containsExactly("the row with id 2 is of c-0, not of b-0");
    }

    @Test
    void aRowOrJobThatIsThereTwiceIsDoubledUnderAnyId() {
        List<Stored> twice = List.of(new Stored("a-0", 1), new Stored("b-0", 2), new Stored("a-0", 3));
        assertThat(Verdict.compare(TOLD, twice, WHOLE).doubled()).containsExactly("2 rows of a-0");
        assertThat(Verdict.compare(TOLD, WHOLE, twice).doubled()).containsExactly("2 jobs of a-0");
    }

    @Test
    void whatWasNotAcknowledgedMayBeThereOnceButNotTwice() {
        List<Stored> once = List.of(new Stored("a-0", 1), new Stored("b-0", 2), new Stored("c-0", 3));
        List<Stored> twice =
                List.of(new Stored("a-0", 1), new Stored("b-0", 2), new Stored("c-0", 3), new Stored("c-0", 4));
        assertThat(Verdict.compare(TOLD, once, WHOLE)).isEqualTo(new Verdict(List.of(), List.of()));
        assertThat(Verdict.compare(TOLD, twice, WHOLE).doubled()).containsExactly("2 rows of c-0");
    }

    @Test
    void oneIdToldToTwoClientsIsDoubledAndOneOfThemLost() {
        List<Acknowledged> told = List.of(new Acknowledged("a-0", 1), new Acknowledged("b-0", 1));
        Verdict verdict = Verdict.compare(told, WHOLE, WHOLE);
        assertThat(verdict.doubled()).containsExactly("id 1 was told to both a-0 and b-0");
        assertThat(verdict.lost()).hasSize(2).allMatch(line -> line.endsWith("is of a-0, not of b-0"));
    }
}
