package sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.testbed.Await;
import sluice.testbed.LocalProcess;

/** The demo as people start it, out of the build's folder. */
class DemoIT {
    private static final Duration BOUND = Duration.ofMinutes(3);
    private static final Pattern FOLDER = Pattern.compile("/tmp/sluice-[a-z]+[0-9]+");
    private static final String MARK = "SLUICE_DEMO_MARK";

    /** Everything that the demo starts inherits it, also what detaches itself, as Postgres does. */
    private final String mark = UUID.randomUUID().toString();

    @TempDir
    private Path logs;

    @Test
    void movesWithNothingFailedLostOrDoubledAndLeavesNothingBehind() {
        LocalProcess demo = start();
        demo.awaitLine(Pattern.compile("sluice move"), BOUND);
        Set<Path> folders = folders();
        int exitCode = demo.awaitEnd(BOUND);
        List<String> lines = demo.lines();
        assertThat(lines.get(lines.size() - 1))
                .as(String.join("\n", lines))
                .matches("failed=0 lost=0 doubled=0 hold_ms=[0-9]+ write_gap_ms=[0-9]+"
                        + " read_wait_ms=[0-9]+ write_wait_ms=[0-9]+");
        assertThat(exitCode).isZero();
        assertNothingIsLeft(folders);
    }

    @Test
    void interruptedInTheMiddleOfTheMoveItLeavesNothingBehind() {
        LocalProcess demo = start();
        demo.awaitLine(Pattern.compile("sluice move"), BOUND);
        // Else it could be through before everybody's command line has been read.
        signal(demo, "STOP");
        Set<Path> folders = folders();
        signal(demo, "INT");
        signal(demo, "CONT");
        assertThat(demo.awaitEnd(BOUND)).isEqualTo(130);
        assertNothingIsLeft(folders);
    }

    private static void signal(LocalProcess process, String name) {
        LocalProcess.run(Duration.ofSeconds(10), List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    private LocalProcess start() {
        return LocalProcess.start(
                "demo",
                logs.resolve("demo.log"),
                Map.of(MARK, mark),
                line -> {},
                // Who was started in the background by a shell ignores SIGINT, and so would its children.
                List.of(
                        "env",
                        "--default-signal=INT",
                        Path.of("target/demo/bin/sluice-demo").toAbsolutePath().toString()));
    }

    private void assertNothingIsLeft(Set<Path> folders) {
        assertThat(folders)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(folder -> assertThat(folder).doesNotExist());
        // A killed process is gone a moment after the demo has told it to go.
        Await.until("no process is left", Duration.ofSeconds(10), () -> marked().isEmpty());
    }

    /** The demo's folders, by the command lines of its processes. */
    private Set<Path> folders() {
        Set<Path> found = new TreeSet<>();
        for (String command : marked()) {
            Matcher matcher = FOLDER.matcher(command);
            while (matcher.find()) {
                found.add(Path.of(matcher.group()));
            }
        }
        return found;
    }

    /** Command lines of the processes that inherited this test's mark; see proc(5). */
    private List<String> marked() {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .filter(process -> read(process.resolve("environ")).contains(MARK + "=" + mark))
                    .map(process -> read(process.resolve("cmdline")).replace('\0', ' '))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException("cannot list /proc", e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // It has ended, or is somebody else's.
        }
    }
}
