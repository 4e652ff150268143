package sluice.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import sluice.control.gate.AdminGate;

/** {@code sluice proxy rehearse}: what a pause would do now; one proxy after another. */
@Command(name = "rehearse", description = "what a pause would do now; nothing is paused unless --real is given")
final class RehearseCommand implements Callable<Integer> {
    @ParentCommand
    private ProxyCommand proxy = new ProxyCommand();

    @Option(names = "--for", defaultValue = "5", description = "seconds (${DEFAULT-VALUE}), at most 60")
    private int seconds;

    @Option(names = "--real", description = "pause writes for so long, then let them go on")
    private boolean real;

    @Override
    public Integer call() throws Exception {
        Screen screen = proxy.main().global().screen();
        for (AdminGate gate : proxy.main().global().machinery().proxies()) {
            JsonNode report = gate.rehearse(gate.state().epoch(), Duration.ofSeconds(seconds), real);
            gate.close();
            if (screen.json()) {
                screen.print(
                        screen.object("rehearsal").put("proxy", gate.name()).set("report", report));
            } else {
                screen.print("  " + gate.name() + ": " + report.path("summary").asText());
            }
        }
        if (!screen.json()) {
            screen.next(real ? "sluice move" : "sluice proxy rehearse --real", "nothing to undo");
        }
        return Exit.DONE;
    }
}
