package sluice.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;
import sluice.control.check.RedisPeer;
import sluice.control.check.Side;
import sluice.control.check.Sides;
import sluice.control.gate.Gate;
import sluice.control.gate.GateState;
import sluice.control.redis.RedisServer.View;
import sluice.control.run.FileJournal;
import sluice.control.run.History;
import sluice.control.run.History.Direction;
import sluice.control.run.Outcome;

/** {@code sluice status}: what is where, looked up now. Changes nothing. */
@Command(name = "status", description = "what both sides, the proxies and the last run are now")
final class StatusCommand implements Callable<Integer> {
    @ParentCommand
    private Main main = new Main();

    @Override
    public Integer call() throws Exception {
        Machinery machinery = main.global().machinery();
        Screen screen = main.global().screen();
        Sides sides = machinery.sides(Direction.THERE);
        ObjectNode status = screen.object("status");
        side(status.putObject(sides.from().name()), sides.from());
        side(status.putObject(sides.to().name()), sides.to());
        ArrayNode gates = status.putArray("proxies");
        sides.gates().forEach(gate -> gate(gates.addObject(), gate));
        String next = run(status.putObject("run"), machinery);
        if (screen.json()) {
            screen.print(status.put("next", next).put("undo", "nothing to undo"));
        } else {
            status.remove("event");
            status.properties().forEach(part -> screen.print("  " + part.getKey() + "  " + plain(part.getValue())));
            screen.next(next, "nothing to undo");
        }
        return Exit.DONE;
    }

    private static String plain(com.fasterxml.jackson.databind.JsonNode node) {
        return node.toString().replaceAll("[{}\\[\\]\"]", "").replace(",", ", ").replace(":", ": ");
    }

    private static void side(ObjectNode node, Side side) {
        try {
            node.put("postgres", side.postgres().status().name());
        } catch (IOException unreachable) {
            node.put("postgres", "unreachable: " + unreachable.getMessage());
        }
        for (RedisPeer peer : side.redis()) {
            try {
                View view = peer.server().view();
                node.put(
                        peer.server().name(),
                        view.writable()
                                ? "master"
                                : view.master() ? "master, locked" : "replica of " + view.following());
            } catch (IOException unreachable) {
                node.put(peer.server().name(), "unreachable: " + unreachable.getMessage());
            }
        }
    }

    private static void gate(ObjectNode node, Gate gate) {
        node.put("proxy", gate.name());
        try {
            GateState state = gate.state();
            node.put("sends_to", state.active());
            node.put("phase", state.phase());
            node.put("waiting", state.waiting());
            GateState.Hold hold = state.hold();
            if (hold != null) {
                node.put("paused_by", hold.owner());
            }
        } catch (IOException unreachable) {
            node.put("phase", "unreachable: " + unreachable.getMessage());
        }
    }

    private static String run(ObjectNode node, Machinery machinery) throws IOException {
        Optional<String> run = machinery.folder().latest();
        if (run.isEmpty()) {
            return "sluice move --dry-run";
        }
        History history = new History(FileJournal.read(machinery.folder().journal(run.get())));
        node.put("id", run.get());
        Optional<Outcome.Kind> last = history.last();
        node.put("outcome", last.map(Outcome.Kind::name).orElse("under way, or cut off"));
        node.put("switched", history.pastPointOfNoReturn());
        if (last.isEmpty()) {
            return "if no sluice works on it any more: sluice recover";
        }
        return switch (last.get()) {
            case DONE -> "nothing; the site has moved. To go the other way: " + Endings.otherWay(history);
            case NEEDS_OPERATOR -> "answer the question, then sluice recover";
            default -> Endings.again(history);
        };
    }
}
