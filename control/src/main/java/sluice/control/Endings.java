package sluice.control;

import java.io.IOException;
import java.util.Optional;
import sluice.control.run.Outcome;
import sluice.control.run.Report;
import sluice.control.step.Steps;

/** What people are told when a command about a run ends. */
final class Endings {
    private Endings() {}

    static void show(Screen screen, Machinery machinery, Outcome outcome) {
        if (outcome.kind() != Outcome.Kind.BUSY) {
            report(screen, machinery);
        }
        screen.end(outcome, next(outcome.kind()), undo(outcome.kind()));
    }

    private static void report(Screen screen, Machinery machinery) {
        try {
            Optional<String> run = machinery.folder().latest();
            if (run.isPresent()) {
                Report report = Report.read(machinery.folder(), run.get(), Steps.move());
                if (screen.json()) {
                    screen.print(screen.object("report").set("report", report.json()));
                } else {
                    screen.print(report.table());
                    screen.print("  report: " + machinery.folder().report(run.get()));
                }
            }
        } catch (IOException unreadable) {
            screen.warning("no report: " + unreadable.getMessage());
        }
    }

    private static String next(Outcome.Kind kind) {
        return switch (kind) {
            case DONE -> "sluice status shows both sides; the former one follows";
            case ABORTED -> "settle the reason, then sluice move";
            case REFUSED -> "do what is asked for above, then start again";
            case NEEDS_OPERATOR -> "answer the question, then sluice recover";
            case BUSY -> "do nothing; sluice status shows how far it is";
        };
    }

    private static String undo(Outcome.Kind kind) {
        return switch (kind) {
            case DONE -> "the former side has every write; this version cannot move back by itself yet";
            case ABORTED, REFUSED -> "nothing to undo";
            case NEEDS_OPERATOR -> "none by hand: sluice recover goes whichever way is safe";
            case BUSY -> "sluice abort, as long as the databases have not been switched";
        };
    }
}
