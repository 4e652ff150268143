package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real client, or something else that a test needs beside the proxy: a process whose lines are read. */
final class Program implements AutoCloseable {
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;
    private boolean ended;

    private Program(Process process) {
        this.process = process;
        reader = new Thread(this::read, "program-reader");
        reader.setDaemon(true);
        reader.start();
    }

    static Program start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return new Program(builder.start());
    }

    /** Runs a command to its end, which has to be a good one; everything that it said. */
    static String said(String... command) throws Exception {
        try (Program program = start(Map.of(), List.of(command))) {
            int status = program.awaitExit(10 * DistProxy.PATIENCE_SECONDS);
            String said = String.join("\n", program.lines());
            assertThat(status).as("%s: %s", String.join(" ", command), said).isZero();
            return said;
        }
    }

    /** What stands behind this in the first line that begins so. */
    String awaitLine(String beginning) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DistProxy.PATIENCE_SECONDS);
        synchronized (lines) {
            while (true) {
                for (String line : lines) {
                    if (line.startsWith(beginning)) {
                        return line.substring(beginning.length());
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || left <= 0) {
                    throw new AssertionError("no line that begins with \"" + beginning + "\" in " + lines);
                }
                lines.wait(left);
            }
        }
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    void type(String line) throws IOException {
        Writer to = process.outputWriter(StandardCharsets.UTF_8);
        to.write(line + "\n");
        to.flush();
    }

    boolean running() {
        return process.isAlive();
    }

    /** Waits for its end, but no longer than this. */
    void awaitExitFor(long millis) throws InterruptedException {
        process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    int awaitExit(long seconds) throws InterruptedException {
        assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                .as("ends by itself: %s", lines())
                .isTrue();
        reader.join(TimeUnit.SECONDS.toMillis(DistProxy.PATIENCE_SECONDS));
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    private void read() {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException e) {
            // It has ended.
        } finally {
            synchronized (lines) {
                ended = true;
                lines.notifyAll();
            }
        }
    }
}
