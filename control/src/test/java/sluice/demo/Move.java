package sluice.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real {@code sluice move}, as a person runs it. */
final class Move {
    /** Far more than the run allows itself. */
    private static final Duration BOUND = Duration.ofMinutes(3);

    private Move() {}

    /** The hold, by this program's own clock ({@link System#nanoTime()}). */
    record Hold(long start, long end) {
        long nanos() {
            return end - start;
        }
    }

    /**
     * How it ended.
     *
     * @param hold as the run's report has it, or null when there is none
     */
    record Outcome(int exitCode, Hold hold) {
        boolean done() {
            return exitCode == 0;
        }
    }

    /**
     * Runs it to its end.
     *
     * @param output where its output goes, or null for this program's own, as it comes
     */
    static Outcome run(Path program, Stage stage, Path output) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(program.toString(), "--site", stage.siteFile().toString(), "move"));
        builder.redirectInput(Path.of("/dev/null").toFile());
        if (output == null) {
            builder.redirectOutput(ProcessBuilder.Redirect.INHERIT).redirectError(ProcessBuilder.Redirect.INHERIT);
        } else {
            builder.redirectErrorStream(true).redirectOutput(output.toFile());
        }
        Process process = builder.start();
        stage.keep(() -> kill(process));
        if (!process.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException("sluice move has not ended within " + BOUND);
        }
        return new Outcome(process.exitValue(), hold(stage));
    }

    /** Also what it started, such as a server's start, so that nothing comes up behind our back. */
    private static void kill(Process process) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }
}
