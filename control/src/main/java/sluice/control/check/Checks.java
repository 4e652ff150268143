package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Checks, in the order in which people want to read them. */
public final class Checks {
    private static final List<Check> SERVERS = List.of(
            new PostgresRoles(),
            new PostgresKinship(),
            new StandbyStreams(),
            new StandbyLag(),
            new PreparedTransactions(),
            new RedisPairs(),
            new SidekiqReady(),
            new GatesReady(),
            new ReversePath());

    private final List<Check> checks;

    private Checks(List<Check> checks) {
        this.checks = List.copyOf(checks);
    }

    /** Those of the servers that a move works on, through its own connections. */
    public static Checks ofServers() {
        return new Checks(SERVERS);
    }

    /** These, and those after them. */
    public Checks and(List<Check> more) {
        List<Check> all = new ArrayList<>(checks);
        all.addAll(more);
        return new Checks(all);
    }

    /** A finding and the check that it comes from. */
    public record Result(Check check, Finding finding) {
        @Override
        public String toString() {
            return check.title() + ": " + finding.text()
                    + (finding.remedy().isEmpty() ? "" : ". To do: " + finding.remedy());
        }
    }

    /** Looks at everything, also after something was found. */
    public List<Result> look(Sides sides) {
        List<Result> results = new ArrayList<>();
        for (Check check : checks) {
            try {
                check.look(sides).forEach(finding -> results.add(new Result(check, finding)));
            } catch (IOException failed) {
                results.add(new Result(
                        check,
                        Finding.couldNotTell(
                                String.valueOf(failed.getMessage()), "make it reachable, then start again")));
            }
        }
        return results;
    }
}
