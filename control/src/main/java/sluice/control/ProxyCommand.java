package sluice.control;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import sluice.control.gate.Gate;
import sluice.control.gate.GateException;
import sluice.control.gate.GateState;
import sluice.control.site.SiteException;

/** {@code sluice proxy}: the proxies by hand, all of them one after another. */
@Command(
        name = "proxy",
        description = "the proxies by hand",
        subcommands = {PreviewCommand.class, RehearseCommand.class, RequestsCommand.class, EventsCommand.class})
final class ProxyCommand implements Callable<Integer> {
    @ParentCommand
    private Main main = new Main();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec != null) {
            spec.commandLine().usage(System.err);
        }
        return Exit.USAGE;
    }

    Main main() {
        return main;
    }

    @FunctionalInterface
    private interface Change {
        GateState make(Gate gate, GateState before) throws GateException;
    }

    private int each(boolean dryRun, String what, String next, String undo, Change change)
            throws IOException, SiteException {
        Screen screen = main.global().screen();
        List<Gate> gates = main.global().machinery().gates();
        for (Gate gate : gates) {
            GateState before = gate.state();
            show(screen, gate, dryRun ? before : change.make(gate, before));
            if (dryRun) {
                screen.warning("would " + what + " at " + gate.name() + " (If-Match: \"" + before.epoch() + "\")");
            }
        }
        if (screen.json()) {
            screen.print(screen.object("end").put("next", next).put("undo", undo));
        } else {
            screen.next(next, undo);
        }
        return Exit.DONE;
    }

    private static void show(Screen screen, Gate gate, GateState state) {
        GateState.Hold hold = state.hold();
        if (screen.json()) {
            var node = screen.object("proxy")
                    .put("proxy", gate.name())
                    .put("epoch", state.epoch())
                    .put("active", state.active())
                    .put("phase", state.phase())
                    .put("arrivals", state.arrivals())
                    .put("waiting", state.waiting())
                    .put("writes_in_flight", state.writesInFlight())
                    .put("unknown", state.unknown());
            if (hold != null) {
                node.put("hold", hold.id()).put("owner", hold.owner()).put("expiry", hold.expiry());
            }
            screen.print(node);
        } else {
            screen.print("  " + gate.name() + ": " + state.phase() + ", sends to " + state.active() + ", "
                    + state.waiting() + " waiting, " + state.writesInFlight() + " writes running"
                    + (hold == null ? "" : ", paused by " + hold.owner()) + " (epoch " + state.epoch() + ")");
        }
    }

    @Command(name = "state", description = "what each proxy does now")
    int state() throws IOException, SiteException {
        return each(false, "look", "sluice proxy hold", "nothing to undo", (gate, before) -> before);
    }

    @Command(name = "hold", description = "pauses writes; ends by itself")
    int hold(
            @Option(names = "--ttl", defaultValue = "20", description = "seconds until it ends (${DEFAULT-VALUE})")
                    int ttl,
            @Option(names = "--wait", defaultValue = "5", description = "seconds to wait for running writes") int wait,
            @Option(names = "--expiry", defaultValue = "open", description = "open or shed") String expiry,
            @Option(names = "--dry-run") boolean dryRun)
            throws IOException, SiteException {
        return each(
                dryRun,
                "pause writes for " + ttl + " s",
                "sluice proxy release",
                "sluice proxy release",
                (gate, before) -> gate.hold(
                        before.epoch(),
                        Duration.ofSeconds(ttl),
                        expiry,
                        Duration.ofSeconds(wait),
                        "sluice proxy hold, " + System.getProperty("user.name")));
    }

    @Command(name = "flip", description = "sends new requests to the other side")
    int flip(
            @Parameters(paramLabel = "SIDE", description = "old or new") String to,
            @Option(names = "--drained", description = "only if no write is running") boolean drained,
            @Option(names = "--dry-run") boolean dryRun)
            throws IOException, SiteException {
        return each(
                dryRun,
                "send to " + to,
                "sluice proxy state",
                "sluice proxy flip " + (to.equals("new") ? "old" : "new"),
                (gate, before) -> gate.flip(before.epoch(), to, drained));
    }

    @Command(name = "release", description = "ends a pause; what waits goes on")
    int release(
            @Option(names = "--to", description = "flip to this side first") @Nullable String to,
            @Option(names = "--dry-run") boolean dryRun)
            throws IOException, SiteException {
        return each(dryRun, "release", "sluice proxy state", "sluice proxy hold", (gate, before) -> {
            GateState.Hold hold = before.hold();
            return gate.release(before.epoch(), hold == null ? null : hold.id(), to);
        });
    }
}
