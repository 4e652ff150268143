package sluice.control;

import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import sluice.control.run.Outcome;

/** {@code sluice recover}. */
@Command(
        name = "recover",
        description = "ends a run that was cut off or asked for somebody: undone, or finished, whichever is safe")
final class RecoverCommand implements Callable<Integer> {
    @ParentCommand
    private Main main = new Main();

    @Option(names = "--dry-run", description = "says which way it would go; changes nothing")
    private boolean dryRun;

    @Override
    public Integer call() throws Exception {
        Machinery machinery = main.global().machinery();
        Screen screen = main.global().screen();
        if (dryRun) {
            return DryEnding.show(screen, machinery);
        }
        Outcome outcome = machinery.moves(screen, UnaryOperator.identity()).recover();
        Endings.show(screen, machinery, outcome);
        // Everything as before is what a recovery is for.
        return outcome.kind() == Outcome.Kind.ABORTED ? Exit.DONE : Exit.of(outcome.kind());
    }
}
