package sluice.control;

import picocli.CommandLine.Command;
import sluice.control.run.Moves;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;

/** {@code sluice recover}. */
@Command(
        name = "recover",
        description = "ends a run that was cut off or asked for somebody: undone, or finished, whichever is safe")
final class RecoverCommand extends RunCommand {
    RecoverCommand() {
        super(Kind.ABORTED); // Everything as before is what a recovery is for.
    }

    @Override
    Outcome perform(Moves moves) throws Exception {
        return moves.recover();
    }
}
