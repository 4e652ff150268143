package sluice.testbed;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A process that this JVM started: what it prints goes line by line to a log file, can be waited for, and it is stopped
 * by its own process id. Safe for use by several threads.
 */
public final class LocalProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final Path log;
    private final Thread reader;
    private final Consumer<String> listener;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private LocalProcess(String name, Process process, Path log, Consumer<String> listener) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.listener = listener;
        this.reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
    }

    /** Starts a program; standard output and standard error are appended to {@code log}. */
    public static LocalProcess start(String name, Path log, List<String> command) {
        return start(name, log, Map.of(), line -> {}, command);
    }

    /** The same with variables added to the environment and with each line also given to {@code listener}. */
    public static LocalProcess start(
            String name, Path log, Map<String, String> environment, Consumer<String> listener, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            LocalProcess started = new LocalProcess(name, process, log, listener);
            started.reader.start();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name + ": " + String.join(" ", command), e);
        }
    }

    /** Runs a program to its end within {@code bound} and returns what it printed; anything but exit code 0 throws. */
    public static String run(Duration bound, List<String> command) {
        try {
            Path out = Files.createTempFile("sluice-run", ".out");
            // For when the JVM is ended while the program runs.
            out.toFile().deleteOnExit();
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .start();
                boolean done = process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
                if (!done) {
                    process.destroyForcibly().waitFor();
                }
                String text = Files.readString(out);
                if (!done || process.exitValue() != 0) {
                    throw new IllegalStateException(String.join(" ", command)
                            + (done ? " ended with " + process.exitValue() : " did not end in " + bound) + ":\n"
                            + text);
                }
                return text;
            } finally {
                Files.deleteIfExists(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + String.join(" ", command), e);
        }
    }

    /** Kills those of this JVM's children, and what they started, whose command line names {@code path}. */
    static void killChildrenNaming(Path path) {
        List<ProcessHandle> named = ProcessHandle.current()
                .descendants()
                .filter(child -> child.info().commandLine().orElse("").contains(path.toString()))
                .toList();
        named.forEach(ProcessHandle::destroyForcibly);
        named.forEach(child -> child.onExit().join());
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public Path log() {
        return log;
    }

    /** Everything printed so far. */
    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /**
     * Waits until a line (an earlier one counts) contains a match of {@code pattern} and returns that line.
     *
     * @throws IllegalStateException with the last lines, when the process ends first or {@code bound} has passed
     */
    public synchronized String awaitLine(Pattern pattern, Duration bound) {
        long deadline = System.nanoTime() + bound.toNanos();
        int seen = 0;
        while (true) {
            for (; seen < lines.size(); seen++) {
                if (pattern.matcher(lines.get(seen)).find()) {
                    return lines.get(seen);
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (ended || left <= 0) {
                throw new IllegalStateException(name + (ended ? " ended" : " did not get there in " + bound)
                        + " before it printed /" + pattern + "/; its last lines:\n" + tail());
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + name, e);
            }
        }
    }

    /** Waits for the end and returns the exit code; all output has been read then. */
    public int awaitEnd(Duration bound) {
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(name + " has not ended in " + bound + "; its last lines:\n" + tail());
            }
            // A child that lives on may hold the pipe open: its lines are not ours to wait for.
            reader.join(1000);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + name, e);
        }
    }

    /** SIGTERM, and SIGKILL when it has not ended within {@code bound}. Returns the exit code. */
    public int stop(Duration bound) {
        process.destroy();
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
        return process.exitValue();
    }

    /** {@code kill -9} of it and of what it forked; returns when it is gone, and they are as good as gone. */
    public void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        process.onExit().join();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    /** {@link #stop} with ten seconds. */
    @Override
    public void close() {
        if (process.isAlive()) {
            stop(Duration.ofSeconds(10));
        }
    }

    private synchronized String tail() {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
    }

    private void read() {
        try (BufferedReader in =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                Writer out = Files.newBufferedWriter(
                        log, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write(line + "\n");
                out.flush();
                synchronized (this) {
                    lines.add(line);
                    notifyAll();
                }
                listener.accept(line);
            }
        } catch (IOException e) {
            synchronized (this) {
                lines.add("(output of " + name + " lost: " + e + ")");
            }
        } finally {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }
    }
}
