package sluice.proxy.fuzz;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Every input that a fuzz target begins with, and every one that it has ever found something with, as an ordinary test. They are in
 * {@code src/test/resources/fuzz}, a folder for each target; a new finding is a file more.
 */
@Timeout(120)
class RegressionTest {
    @TestFactory
    Stream<DynamicTest> inputs() {
        return Stream.of(Target.values()).flatMap(RegressionTest::inputs);
    }

    private static Stream<DynamicTest> inputs(Target target) {
        return files(target.inputs()).stream()
                .map(file -> dynamicTest(
                        target.label() + ": " + file.getFileName(), () -> run(target, Files.readAllBytes(file))));
    }

    private static void run(Target target, byte[] input) throws Throwable {
        MethodHandle one = MethodHandles.publicLookup()
                .findStatic(
                        Class.forName(target.className()),
                        "fuzzerTestOneInput",
                        MethodType.methodType(void.class, byte[].class));
        one.invoke(input);
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.sorted().toList();
            if (all.isEmpty()) {
                throw new AssertionError("no inputs in " + folder);
            }
            return all;
        } catch (IOException e) {
            throw new AssertionError("no inputs in " + folder, e);
        }
    }
}
