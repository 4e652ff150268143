package sluice.control;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sluice.control.check.Checks;
import sluice.control.check.Sides;
import sluice.control.run.History.Direction;
import sluice.control.run.Moves;
import sluice.control.run.Outcome;
import sluice.control.run.Outcome.Kind;
import sluice.control.step.Facts;
import sluice.control.step.Moving;
import sluice.control.step.Pace;
import sluice.control.step.Step;

/** {@code sluice move}, there and back: the same steps with the sides swapped, each with its own undo. */
@Command(
        name = "move",
        description = "moves the site to the new side; asks nothing, and undoes itself when something is not right")
final class MoveCommand extends RunCommand {
    @Option(
            names = "--back",
            description = "from the new side to the old one, whose databases have followed since the move")
    private boolean back;

    MoveCommand() {
        super(Kind.DONE);
    }

    @Override
    Outcome perform(Moves moves) throws Exception {
        return moves.move(direction());
    }

    @Override
    int show(Screen screen, Machinery machinery) throws Exception {
        return plan(machinery, machinery.sides(direction()), screen);
    }

    private Direction direction() {
        return back ? Direction.BACK : Direction.THERE;
    }

    private int plan(Machinery machinery, Sides sides, Screen screen) {
        Moving moving = new Moving("dry-run", sides, new Facts(), Pace.system(), () -> {}, warning -> {});
        for (Step step : machinery.steps(direction())) {
            if (screen.json()) {
                screen.print(screen.object("plan")
                        .put("step", step.number())
                        .put("id", step.id())
                        .put("title", step.title(sides))
                        .put("does", step.plan(moving)));
            } else {
                screen.print(String.format("  %2d  %-34s %s", step.number(), step.title(sides), step.plan(moving)));
            }
        }
        List<Checks.Result> results = machinery.checks(direction()).look(sides);
        boolean blocked = results.stream().anyMatch(result -> result.finding().blocks());
        for (Checks.Result result : results) {
            if (screen.json()) {
                screen.print(screen.object("check")
                        .put("check", result.check().id())
                        .put("title", result.check().title())
                        .put("verdict", result.finding().verdict().name())
                        .put("text", result.finding().text())
                        .put("remedy", result.finding().remedy()));
            } else {
                screen.print("  " + result.finding().verdict() + "  " + result);
            }
        }
        screen.end(
                new Outcome(
                        blocked ? Kind.REFUSED : Kind.DONE,
                        blocked ? "a move would be refused" : "nothing was changed; a move may begin",
                        List.of()),
                blocked ? "do what the checks ask for" : Endings.command(direction()),
                "nothing to undo");
        return blocked ? Exit.REFUSED : Exit.DONE;
    }
}
