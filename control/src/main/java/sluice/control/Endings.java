package sluice.control;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import sluice.control.run.FileJournal;
import sluice.control.run.History;
import sluice.control.run.History.Direction;
import sluice.control.run.Outcome;
import sluice.control.run.Report;

/** What people are told when a command about a run ends. */
final class Endings {
    private Endings() {}

    static void show(Screen screen, Machinery machinery, Outcome outcome) {
        History history = history(screen, machinery);
        if (outcome.kind() != Outcome.Kind.BUSY) {
            report(screen, machinery, history);
        }
        screen.end(outcome, next(outcome.kind(), history), undo(outcome.kind(), history));
    }

    /** What is typed to move so. */
    static String command(Direction direction) {
        return direction.equals(Direction.BACK) ? "sluice move --back" : "sluice move";
    }

    /** What is typed to do what this run was to do. */
    static String again(History history) {
        return command(history.direction().orElse(Direction.THERE));
    }

    /** What is typed to take this run, which is done, back. */
    static String otherWay(History history) {
        return command(history.direction().equals(Optional.of(Direction.BACK)) ? Direction.THERE : Direction.BACK);
    }

    private static History history(Screen screen, Machinery machinery) {
        try {
            Optional<String> run = machinery.folder().latest();
            if (run.isPresent()) {
                return new History(FileJournal.read(machinery.folder().journal(run.get())));
            }
        } catch (IOException unreadable) {
            screen.warning("the journal cannot be read: " + unreadable.getMessage());
        }
        return new History(List.of());
    }

    private static void report(Screen screen, Machinery machinery, History history) {
        try {
            Optional<String> run = machinery.folder().latest();
            if (run.isPresent()) {
                Report report = Report.of(
                        run.get(), history, machinery.steps(history.direction().orElse(Direction.THERE)));
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

    private static String next(Outcome.Kind kind, History history) {
        return switch (kind) {
            case DONE -> "sluice status shows both sides; the former one follows";
            case ABORTED -> "settle the reason, then " + again(history);
            case REFUSED -> "do what is asked for above, then start again";
            case NEEDS_OPERATOR -> "answer the question, then sluice recover";
            case BUSY -> "do nothing; sluice status shows how far it is";
        };
    }

    private static String undo(Outcome.Kind kind, History history) {
        return switch (kind) {
            case DONE -> otherWay(history) + ": the former side follows and has every write";
            case ABORTED, REFUSED -> "nothing to undo";
            case NEEDS_OPERATOR -> "none by hand: sluice recover goes whichever way is safe";
            case BUSY -> "sluice abort, as long as the databases have not been switched";
        };
    }
}
