package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All checks of a run's first step, in the order in which people want to read them. */
public final class Checks {
    private static final List<Check> ALL = List.of(
            new PostgresRoles(),
            new PostgresKinship(),
            new StandbyStreams(),
            new StandbyLag(),
            new PreparedTransactions(),
            new RedisPairs(),
            new SidekiqReady(),
            new GatesReady(),
            new ReversePath());

    private Checks() {}

    /** A finding and the check that it comes from. */
    public record Result(String check, Finding finding) {
        @Override
        public String toString() {
            return check + ": " + finding.text() + (finding.remedy().isEmpty() ? "" : ". To do: " + finding.remedy());
        }
    }

    /** Looks at everything, also after something was found. */
    public static List<Result> look(Sides sides) {
        List<Result> results = new ArrayList<>();
        for (Check check : ALL) {
            try {
                check.look(sides).forEach(finding -> results.add(new Result(check.title(), finding)));
            } catch (IOException failed) {
                results.add(new Result(
                        check.title(),
                        Finding.couldNotTell(
                                String.valueOf(failed.getMessage()), "make it reachable, then start again")));
            }
        }
        return results;
    }
}
