package sluice.control;

import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import sluice.control.run.Moves;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;

/** A command that begins a run or brings one to its end; with {@code --dry-run} it says what it would do. */
abstract class RunCommand implements Callable<Integer> {
    @ParentCommand
    private Main main = new Main();

    @Option(names = "--dry-run", description = "says what it would do, step by step; changes nothing")
    private boolean dryRun;

    private final Kind success;

    /** @param success the end for which one calls it */
    RunCommand(Kind success) {
        this.success = success;
    }

    @Override
    public Integer call() throws Exception {
        Machinery machinery = main.global().machinery();
        Screen screen = main.global().screen();
        if (dryRun) {
            return show(screen, machinery);
        }
        Outcome outcome = perform(machinery.moves(screen, UnaryOperator.identity()));
        Endings.show(screen, machinery, outcome);
        return outcome.kind() == success ? Exit.DONE : Exit.of(outcome.kind());
    }

    /** The command itself. */
    abstract Outcome perform(Moves moves) throws Exception;

    /** What it would do. @return the exit code */
    int show(Screen screen, Machinery machinery) throws Exception {
        return DryEnding.show(screen, machinery);
    }
}
