package sluice.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Entry point of the demo: plays the main job, once or several times, and says how it went. */
@Command(
        name = "sluice-demo",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a live site on one side and its standby on the other, 90 clients, the proxy between them; moves the"
                    + " site in the middle of the load and compares what was acknowledged with what is there.",
            "Ends with 0 only if nothing failed, was lost or doubled."
        })
public final class Demo implements Callable<Integer> {
    @Option(
            names = "--moves",
            paramLabel = "N",
            defaultValue = "1",
            description = "how many moves, one after the other, each with everything new (default: ${DEFAULT-VALUE})")
    private int moves;

    @Option(
            names = "--root",
            defaultValue = "${sys:sluice.root}",
            hidden = true,
            description = "the folder with proxy/ and control/; the start script knows it")
    private Path root;

    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Demo());
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (!Stage.ending()) {
                failure.printStackTrace();
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path proxy = program("proxy/target/dist/bin/sluice-proxy");
        Path control = program("control/target/dist/bin/sluice");
        if (moves == 1) {
            Result result = Play.once(proxy, control, System.out);
            System.out.println(result.line());
            return result.good() ? 0 : 1;
        }
        List<Result> results = new ArrayList<>();
        for (int i = 1; i <= moves; i++) {
            Result result = Play.quickly(proxy, control, System.out);
            results.add(result);
            System.out.printf(Locale.ROOT, "move %2d of %d: %s%n", i, moves, result.line());
        }
        return summary(results);
    }

    private Path program(String name) throws IOException {
        Path program = root.resolve(name).toRealPath();
        if (!Files.isExecutable(program)) {
            throw new IOException(program + " cannot be run; mvn package makes it");
        }
        return program;
    }

    /** Median and worst of the holds, then one line for all: sums, and the worst of each time. */
    private static int summary(List<Result> results) {
        double[] holds =
                results.stream().mapToDouble(Result::holdMillis).sorted().toArray();
        System.out.println();
        System.out.println("hold: median " + Result.whole(median(holds)) + " ms, worst "
                + Result.whole(holds[holds.length - 1]) + " ms, of " + results.size() + " moves");
        Result all = results.stream().reduce(Result::and).orElseThrow();
        System.out.println(all.line());
        return all.good() ? 0 : 1;
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
