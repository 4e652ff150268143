package sluice.control;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import sluice.control.run.Outcome;

/** {@code sluice abort}. */
@Command(
        name = "abort",
        description = "takes back the run that is under way or was cut off; refused once the databases are switched")
final class AbortCommand implements Callable<Integer> {
    private static final Duration BOUND = Duration.ofMinutes(2);

    @ParentCommand
    private Main main = new Main();

    @Option(names = "--dry-run", description = "says what it would do; changes nothing")
    private boolean dryRun;

    @Override
    public Integer call() throws Exception {
        Machinery machinery = main.global().machinery();
        Screen screen = main.global().screen();
        if (dryRun) {
            return DryEnding.show(screen, machinery);
        }
        Outcome outcome = machinery.moves(screen, UnaryOperator.identity()).abort(BOUND);
        Endings.show(screen, machinery, outcome);
        // Everything as before is what was asked for.
        return outcome.kind() == Outcome.Kind.ABORTED ? Exit.DONE : Exit.of(outcome.kind());
    }
}
