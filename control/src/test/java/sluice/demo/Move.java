package sluice.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real {@code sluice move}, as a person runs it. */
final class Move {
    /** Far more than the run allows itself. */
    private static final Duration BOUND = Duration.ofMinutes(3);

    /** The design's number of the step that pauses writes. */
    private static final int HOLD_STEP = 5;

    private static final ObjectMapper JSON = new ObjectMapper();

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
        ProcessBuilder builder = new ProcessBuilder(
                List.of(program.toString(), "--site", stage.siteFile().toString(), "move"));
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

    /** The last report's hold. Its times are the machine's clock; clients are timed by the JVM's. */
    private static Hold hold(Stage stage) throws IOException {
        Path reports = stage.folder().resolve("control/reports");
        if (!Files.isDirectory(reports)) {
            return null;
        }
        try (Stream<Path> files = Files.list(reports)) {
            Path report = files.max(Comparator.naturalOrder()).orElse(null);
            if (report == null) {
                return null;
            }
            return hold(JSON.readTree(report.toFile()));
        }
    }

    private static Hold hold(JsonNode report) {
        for (JsonNode step : report.path("steps")) {
            if (step.path("step").asInt() == HOLD_STEP && report.has("hold_ms")) {
                Instant asked = Instant.parse(report.path("began").asText())
                        .plusMillis(step.path("at_ms").asLong());
                long start = System.nanoTime()
                        - Duration.between(asked, Instant.now()).toNanos();
                return new Hold(
                        start,
                        start
                                + TimeUnit.MILLISECONDS.toNanos(
                                        report.path("hold_ms").asLong()));
            }
        }
        return null;
    }

    /** Also what it started, such as a server's start, so that nothing comes up behind our back. */
    private static void kill(Process process) {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }
}
