package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.proxy.it.Differences.Difference;

/** The table holds in both directions: nothing that it does not say, and all that it says. */
class DifferencesTest {
    private static final String TABLE = """
            # What this is.

            # Sluice does not say what it is.
            2 x h* GET /* => field server: nginx -> none

            # Another reason.
            1 x h1 GET /a?b=(c) => status: 400 -> *
            """;
    private static final Difference SERVER = new Difference("h1 GET /x", "field server", "nginx", "none");
    private static final Difference SERVER_TOO = new Difference("h2 GET /", "field server", "nginx", "none");
    private static final Difference STATUS = new Difference("h1 GET /a?b=(c)", "status", "400", "404");

    private final Differences table = new Differences(TABLE);

    @Test
    void whatItSaysIsRight() {
        assertThat(table.wrong(List.of(SERVER, STATUS, SERVER_TOO))).isEmpty();
    }

    @Test
    void whatItDoesNotSayIsTold() {
        Difference other = new Difference("h1 GET /a?b=(c)", "field server", "nginx", "Sluice");

        assertThat(table.wrong(List.of(SERVER, STATUS, SERVER_TOO, other)))
                .containsExactly("not in the table: h1 GET /a?b=(c) => field server: nginx -> Sluice");
    }

    @Test
    void whatIsNoLongerSoIsTold() {
        assertThat(table.wrong(List.of(SERVER_TOO)))
                .containsExactly(
                        "in the table, but 1 times: 2 x h* GET /* => field server: nginx -> none",
                        "in the table, but 0 times: 1 x h1 GET /a?b=(c) => status: 400 -> *");
    }

    @Test
    void whatIsSoMoreOftenIsToldToo() {
        assertThat(table.wrong(List.of(SERVER, STATUS, SERVER_TOO, SERVER)))
                .containsExactly("in the table, but 3 times: 2 x h* GET /* => field server: nginx -> none");
    }

    @Test
    void everyRowHasAReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Differences("# a reason\n\n1 x a => status: 1 -> 2\n"))
                .withMessageContaining("no reason above it: 1 x a");
    }

    @Test
    void aStatusStandsForAllThatFollowsFromIt() {
        Map<String, String> nginx =
                Map.of("status", "200", "field a", "1", "upstream", "web GET /", "upstream body", "");
        Map<String, String> here = Map.of("status", "404", "field b", "2", "upstream", "none", "end", "closed");

        assertThat(Differences.between("x", nginx, here))
                .containsExactly(
                        new Difference("x", "status", "200", "404"),
                        new Difference("x", "end", "none", "closed"),
                        new Difference("x", "upstream", "web GET /", "none"));
    }
}
