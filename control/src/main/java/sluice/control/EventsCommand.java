package sluice.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import sluice.control.gate.AdminGate;
import sluice.control.gate.GateException;

/** {@code sluice proxy events}: follows all proxies until they stop, or until it is interrupted. */
@Command(name = "events", description = "follows what happens at each proxy, until it is interrupted")
final class EventsCommand implements Callable<Integer> {
    @ParentCommand
    private ProxyCommand proxy = new ProxyCommand();

    @Option(names = "--states", description = "the state each second too")
    private boolean states;

    @Override
    public Integer call() throws Exception {
        Screen screen = proxy.main().global().screen();
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (AdminGate gate : proxy.main().global().machinery().proxies()) {
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            Thread follower = new Thread(
                    () -> {
                        try {
                            gate.follow((kind, data) -> show(screen, gate, kind, data));
                            end.complete(null);
                        } catch (GateException | RuntimeException e) {
                            end.completeExceptionally(e);
                        }
                    },
                    "events of " + gate.name());
            follower.setDaemon(true);
            follower.start();
        }
        CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0])).get();
        return Exit.DONE;
    }

    private void show(Screen screen, AdminGate gate, String kind, JsonNode data) {
        boolean transition = kind.equals("transition");
        if (!transition && !states) {
            return;
        }
        synchronized (screen) {
            if (screen.json()) {
                screen.print(screen.object(kind).put("proxy", gate.name()).set("data", data));
            } else if (transition) {
                screen.print("  " + data.path("at").asText() + "  " + gate.name() + ": "
                        + data.path("what").asText() + " by " + data.path("who").asText() + ": "
                        + described(data.path("before")) + " -> " + described(data.path("after")));
            } else {
                screen.print("  " + gate.name() + ": " + described(data.path("gate")) + ", "
                        + data.at("/gate/waiting").asInt() + " waiting, "
                        + data.at("/gate/writes_in_flight").asInt() + " writes running");
            }
        }
    }

    private static String described(JsonNode routing) {
        String phase = routing.path("phase").asText();
        return routing.has("active")
                ? phase + ", sends to " + routing.path("active").asText()
                : phase;
    }
}
