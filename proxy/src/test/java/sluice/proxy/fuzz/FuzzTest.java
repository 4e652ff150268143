package sluice.proxy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fuzzes with Jazzer, for ten minutes the request path and for ten minutes the configuration; not part of an ordinary build (see the
 * README). What it finds with lies in {@code src/test/resources/fuzz} at once, where {@link RegressionTest} fails with it until it is
 * mended. What is interesting but right stays in {@code target/fuzz}, and the next run goes on from there.
 */
@Tag("fuzz")
class FuzzTest {
    private static final Logger log = LoggerFactory.getLogger(FuzzTest.class);

    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 600);
    private static final int LONGEST_INPUT = 8192;
    /** Longer than any input takes on a busy machine; what takes longer does not end. */
    private static final int HANGS_SECONDS = 60;

    @ParameterizedTest
    @EnumSource
    void nothingIsFound(Target.Part part) throws Exception {
        List<String> failed = new ArrayList<>();
        for (Target target : Target.values()) {
            if (target.part() == part && !fuzz(target)) {
                failed.add(target.label());
            }
        }
        assertThat(failed).as("see src/test/resources/fuzz/…/found-*").isEmpty();
    }

    private static boolean fuzz(Target target) throws Exception {
        Path corpus = Files.createDirectories(Path.of("target/fuzz", target.label()));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx700m",
                // No thread keeps released buffers to itself, so that those in use can be counted.
                "-Dio.netty.allocator.type=pooled",
                "-Dio.netty.allocator.smallCacheSize=0",
                "-Dio.netty.allocator.normalCacheSize=0",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.className(),
                "--instrumentation_includes=sluice.proxy.**",
                // Its own detectors look for other kinds of mistakes than a proxy can make.
                "--custom_hook_includes=none.**",
                "--disabled_hooks=**",
                "--reproducer_path=" + corpus.getParent(),
                "-artifact_prefix=" + target.inputs().resolve("found-"),
                "-max_total_time=" + SECONDS * target.share() / 100,
                "-max_len=" + LONGEST_INPUT,
                "-timeout=" + HANGS_SECONDS,
                "-rss_limit_mb=0",
                "-print_final_stats=1",
                corpus.toString(),
                target.inputs().toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        List<String> said = tail(process);
        boolean nothing = process.waitFor() == 0;
        try (Stream<Path> inputs = Files.list(corpus)) {
            log.info(
                    "{}: {}, {} inputs in the corpus",
                    target.label(),
                    String.join(", ", said.stream().filter(FuzzTest::isFigure).toList()),
                    inputs.count());
        }
        if (!nothing) {
            log.error("{} found something:\n{}", target.label(), String.join("\n", said));
        }
        return nothing;
    }

    private static boolean isFigure(String line) {
        return line.startsWith("stat::number_of_executed_units") || line.contains(" DONE ");
    }

    /** The last lines, from the exception on if there is one. */
    private static List<String> tail(Process process) throws IOException {
        List<String> last = new ArrayList<>();
        boolean found = false;
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                found |= line.startsWith("== ");
                last.add(line);
                if (!found && last.size() > 20) {
                    last.remove(0);
                }
            }
        }
        return last;
    }
}
