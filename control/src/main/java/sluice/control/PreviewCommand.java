package sluice.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import sluice.control.gate.AdminGate;

/** {@code sluice proxy preview}: chosen requests to the side that is not active. */
@Command(name = "preview", description = "sends chosen requests to the side that does not serve yet; a flip ends it")
final class PreviewCommand implements Callable<Integer> {
    @ParentCommand
    private ProxyCommand proxy = new ProxyCommand();

    @ArgGroup(multiplicity = "1")
    private Choice choice = new Choice();

    /** Begin one, or end the one that there is. */
    static final class Choice {
        @Option(names = "--end", required = true, description = "end it")
        private boolean end;

        @ArgGroup(exclusive = false)
        private @Nullable Marks marks;
    }

    /** Who is chosen: any of them. */
    static final class Marks {
        @Parameters(paramLabel = "SIDE", arity = "1", description = "old or new")
        private String side = "";

        @Option(names = "--cookie", paramLabel = "NAME=VALUE")
        private @Nullable String cookie;

        @Option(names = "--header", paramLabel = "NAME: VALUE")
        private @Nullable String header;

        @Option(names = "--network", paramLabel = "CIDR", description = "where the client is")
        private @Nullable String network;
    }

    @Override
    public Integer call() throws Exception {
        Screen screen = proxy.main().global().screen();
        Marks marks = choice.end ? null : choice.marks;
        for (AdminGate gate : proxy.main().global().machinery().proxies()) {
            long epoch = gate.state().epoch();
            JsonNode preview = null;
            if (marks == null) {
                gate.endPreview(epoch);
            } else {
                preview = gate.preview(epoch, marks.side, marks.cookie, marks.header, marks.network);
            }
            gate.close();
            if (screen.json()) {
                screen.print(screen.object("preview").put("proxy", gate.name()).set("preview", preview));
            } else {
                screen.print("  " + gate.name() + ": " + (preview == null ? "no preview" : "preview " + preview));
            }
        }
        if (!screen.json()) {
            screen.next("sluice proxy state", marks == null ? "sluice proxy preview" : "sluice proxy preview --end");
        }
        return Exit.DONE;
    }
}
