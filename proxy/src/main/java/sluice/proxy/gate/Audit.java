package sluice.proxy.gate;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Routing;

/** Writes a line for every change: who, from where, before, after. To the logger {@code sluice.audit}; and tells who watches. */
final class Audit {
    /** The longest line, in characters: what a caller sends is bounded, but not by much. */
    private static final int LONGEST = 4_000;

    private final Logger log;
    private final List<Consumer<Change>> watchers = new CopyOnWriteArrayList<>();

    private Audit(Logger log) {
        this.log = log;
    }

    /** The real one. */
    static Audit kept() {
        return new Audit(LoggerFactory.getLogger("sluice.audit"));
    }

    /** For a gate that is not real: nothing is written. */
    static Audit none() {
        return new Audit(NOPLogger.NOP_LOGGER);
    }

    /** From now on this one is told of every transition, in their order. Any thread. */
    void watch(Consumer<Change> watcher) {
        watchers.add(watcher);
    }

    /** A transition that every loop goes by. */
    void changed(Change change) {
        line(change.what() + by(change.caller()) + ": [" + describe(change.before()) + "] -> ["
                + describe(change.after()) + "]");
        watchers.forEach(watcher -> watcher.accept(change));
    }

    /** A change that is no transition. */
    void note(Caller caller, String what, Routing present) {
        line(what + by(caller) + ": [" + describe(present) + "]");
    }

    /** A change that was not made: everything stays as it is. */
    void refused(Caller caller, String what, String why, Routing present) {
        line("refused " + quoted(what) + by(caller) + ": " + quoted(why) + ": [" + describe(present) + "] stays");
    }

    /**
     * The account of a hold.
     *
     * @param how it has come to its end
     */
    void ended(String how, HoldReport report) {
        line(how + ": " + report);
    }

    /** The gate takes up what a process has left that did not end well: its account of a hold is lost. */
    void takenUp(Routing found) {
        line("the last process did not end well, nothing is known of what waited in "
                + (found.hold() == null ? "a hold that it may have been about to release" : "its hold") + ": ["
                + describe(found) + "]");
    }

    private static String describe(Routing routing) {
        Hold hold = routing.hold();
        Preview preview = routing.preview();
        String state = "epoch " + routing.epoch() + ", " + routing.active().label() + " active, "
                + routing.phase().label() + ", arrivals " + routing.arrivals().label();
        if (hold != null) {
            state += ", hold " + hold.id() + " of " + quoted(hold.owner()) + " ("
                    + hold.scope().label() + ") until " + hold.expires() + " then "
                    + hold.expiry().label();
        }
        return preview == null ? state : state + ", preview of " + quoted(preview.describe());
    }

    private static String by(Caller caller) {
        return " by " + quoted(caller.who()) + " from " + caller.from();
    }

    /** What callers have chosen, so that it cannot be taken for anything that Sluice says. */
    static String quoted(String given) {
        return '"' + given.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** One line, whatever callers have put into it. */
    private void line(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.codePoints().limit(LONGEST).forEach(c -> {
            if (breaksLine(c) || Character.getType(c) == Character.FORMAT) {
                line.append(String.format("\\u%04x", c)); // written out: nobody begins a line of his own, or hides one
            } else {
                line.appendCodePoint(c);
            }
        });
        log.info("{}", line);
    }

    /** Whether a character may end a line on its way to whoever reads the log. */
    static boolean breaksLine(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.CONTROL || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }
}
