package sluice.control;

import java.time.Duration;
import picocli.CommandLine.Command;
import sluice.control.run.Moves;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;

/** {@code sluice abort}. */
@Command(
        name = "abort",
        description = "takes back the run that is under way or was cut off; refused once the databases are switched")
final class AbortCommand extends RunCommand {
    private static final Duration BOUND = Duration.ofMinutes(2);

    AbortCommand() {
        super(Kind.ABORTED); // Everything as before is what was asked for.
    }

    @Override
    Outcome perform(Moves moves) throws Exception {
        return moves.abort(BOUND);
    }
}
