package sluice.control;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import sluice.control.run.Outcome;
import sluice.control.run.Progress;
import sluice.control.step.Step;

/** Where a command speaks to people, or to a program: lines that grow on a terminal, else one JSON object a line. */
final class Screen implements Progress {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream out;
    private final boolean json;

    Screen(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** On a terminal, unless JSON was asked for. */
    static Screen standard(boolean json) {
        return new Screen(System.out, json || !terminal());
    }

    /** {@code System.console()} means something else from JDK 22 on; the kernel's answer stays the same. */
    private static boolean terminal() {
        try {
            Path output = Files.readSymbolicLink(Path.of("/proc/self/fd/1"));
            return output.startsWith("/dev/pts")
                    || output.startsWith("/dev/console")
                    || output.toString().startsWith("/dev/tty");
        } catch (IOException unknown) {
            return false;
        }
    }

    boolean json() {
        return json;
    }

    ObjectNode object(String event) {
        return JSON.createObjectNode().put("event", event);
    }

    void print(ObjectNode object) {
        out.println(object);
        out.flush();
    }

    void print(String text) {
        out.println(text);
        out.flush();
    }

    @Override
    public void begun(Step step, String title) {
        if (json) {
            print(event(step, title, "begun"));
        } else {
            out.printf("  %2d  %-34s", step.number(), title);
            out.flush();
        }
    }

    @Override
    public void done(Step step, String title, long millis) {
        if (json) {
            print(event(step, title, "done").put("ms", millis));
        } else {
            print(String.format("%7d ms", millis));
        }
    }

    @Override
    public void failed(Step step, String title, String reason) {
        if (json) {
            print(event(step, title, "failed").put("reason", reason));
        } else {
            print(String.format("%n  %2d  %s: %s", step.number(), title, reason.replace("\n", "\n      ")));
        }
    }

    @Override
    public void undoing(Step step, String title) {
        if (json) {
            print(event(step, title, "undoing"));
        } else {
            out.printf("  %2d  %-34s", step.number(), "taking back: " + title);
            out.flush();
        }
    }

    @Override
    public void undone(Step step, String title, long millis) {
        if (json) {
            print(event(step, title, "undone").put("ms", millis));
        } else {
            print(String.format("%7d ms", millis));
        }
    }

    @Override
    public void warning(String text) {
        if (json) {
            print(object("warning").put("text", text));
        } else {
            print("      note: " + text);
        }
    }

    private ObjectNode event(Step step, String title, String state) {
        return object("step")
                .put("step", step.number())
                .put("id", step.id())
                .put("title", title)
                .put("state", state);
    }

    /** The end of every command. */
    void end(Outcome outcome, String next, String undo) {
        if (json) {
            print(object("end")
                    .put("outcome", outcome.kind().name().toLowerCase(Locale.ROOT))
                    .put("text", outcome.text())
                    .put("next", next)
                    .put("undo", undo));
        } else {
            print("");
            print(headline(outcome.kind()) + outcome.text());
            next(next, undo);
        }
    }

    /** The last two lines of every command. */
    void next(String next, String undo) {
        print("Next  " + next);
        print("Undo  " + undo);
    }

    private static String headline(Outcome.Kind kind) {
        return switch (kind) {
            case DONE -> "Done: ";
            case ABORTED -> "Everything is as before: ";
            case REFUSED -> "Refused: ";
            case NEEDS_OPERATOR -> "A question for you: ";
            case BUSY -> "Still working: ";
        };
    }
}
