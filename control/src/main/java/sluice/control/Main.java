package sluice.control;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import sluice.control.run.Journal.JournalException;
import sluice.control.site.SiteException;

/** Entry point of {@code sluice}. */
@Command(
        name = "sluice",
        description = "Moves a live Mastodon to another host while its proxy pauses writes for a moment.",
        mixinStandardHelpOptions = true,
        subcommands = {
            StatusCommand.class,
            MoveCommand.class,
            AbortCommand.class,
            RecoverCommand.class,
            ProxyCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:it failed and everything is as before",
            "2:wrong usage",
            "3:refused: a check blocks, or it is too late",
            "4:somebody must answer a question; it is safe meanwhile",
            "5:still working elsewhere",
            "78:the configuration is wrong"
        })
public final class Main implements Runnable {
    @Mixin
    private Global global = new Global();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    Global global() {
        return global;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "name a command");
    }

    /** Runs one command and ends with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    static int execute(String... args) {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command))
                .execute(args);
    }

    private static int failed(Exception failure, CommandLine command) {
        if (failure instanceof SiteException wrong) {
            wrong.mistakes().forEach(command.getErr()::println);
            return Exit.CONFIGURATION;
        }
        command.getErr().println(failure.getMessage() == null ? failure.toString() : failure.getMessage());
        command.getErr().println("Next  settle it, then sluice status");
        command.getErr().println("Undo  sluice status says whether a run has to be recovered");
        return failure instanceof JournalException ? Exit.NEEDS_OPERATOR : Exit.FAILED;
    }
}
