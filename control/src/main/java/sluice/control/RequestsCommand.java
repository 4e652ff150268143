package sluice.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;
import sluice.control.gate.AdminGate;

/** {@code sluice proxy requests}: what is in flight, waits, or is unknown. */
@Command(name = "requests", description = "what is running, waits, or nobody can say of whether it happened")
final class RequestsCommand implements Callable<Integer> {
    @ParentCommand
    private ProxyCommand proxy = new ProxyCommand();

    @Override
    public Integer call() throws Exception {
        Screen screen = proxy.main().global().screen();
        for (AdminGate gate : proxy.main().global().machinery().proxies()) {
            JsonNode all = gate.requests();
            gate.close();
            if (screen.json()) {
                screen.print(screen.object("requests").put("proxy", gate.name()).set("requests", all));
                continue;
            }
            screen.print("  " + gate.name() + ": " + all.size() + (all.size() == 1 ? " request" : " requests"));
            for (JsonNode one : all) {
                screen.print(String.format(
                        "    %-9s %-6s %7d ms  %s %s  (%s)",
                        one.path("where").asText(),
                        one.path("class").asText(),
                        one.path("age_ms").asLong(),
                        one.path("method").asText(),
                        one.path("path").asText(),
                        one.path("id").asText()));
            }
        }
        if (!screen.json()) {
            screen.next("sluice proxy state", "nothing to undo");
        }
        return Exit.DONE;
    }
}
