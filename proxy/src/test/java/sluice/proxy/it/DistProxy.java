package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program as it is shipped, as a process of its own. */
final class DistProxy implements AutoCloseable {
    /** Generous: many JVMs may be starting on few cores. It bounds a failure, nothing waits that long otherwise. */
    static final long PATIENCE_SECONDS = 60;

    private static final Path PROGRAM = Path.of("target/dist/bin/sluice-proxy").toAbsolutePath();

    /** Assertions guard which thread may touch what; every buffer is followed. */
    private static final String WATCHED = "-ea -Dio.netty.leakDetection.level=paranoid";

    private static final List<String> OWN_MOUNTS = List.of("unshare", "--map-root-user", "--mount");

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;
    private boolean ended;

    private DistProxy(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "reader");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts the program; both of its outputs are read. */
    static DistProxy start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(List.of(arguments));
        return start(WATCHED, command);
    }

    private static DistProxy start(String options, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", options);
        return new DistProxy(builder.start());
    }

    /** Starts {@code run} and waits until clients are served. */
    static DistProxy run(Path config) throws Exception {
        return start("run", "--config", config.toString()).ready();
    }

    /** As {@link #run}, with no more to do than in real use: for measurements. */
    static DistProxy runUnwatched(Path config) throws Exception {
        return start("", List.of(PROGRAM.toString(), "run", "--config", config.toString()))
                .ready();
    }

    /** As {@link #runUnwatched}, with further options of the JVM. */
    static DistProxy runWith(String options, Path config) throws Exception {
        return start(options, List.of(PROGRAM.toString(), "run", "--config", config.toString()))
                .ready();
    }

    /**
     * As {@link #run}, where this folder, which must exist, is a small disk of its own that nobody else sees; see {@link #seen}.
     *
     * @param size as {@code mount -o size=} takes it
     */
    static DistProxy runWithSmallDisk(Path config, Path folder, String size) throws Exception {
        List<String> command = new ArrayList<>(OWN_MOUNTS);
        command.addAll(List.of(
                "sh", "-c", "mount -t tmpfs -o mode=700,size=\"$1\" small \"$2\" && shift 2 && exec \"$@\"", "sh"));
        command.addAll(List.of(size, folder.toString(), PROGRAM.toString(), "run", "--config", config.toString()));
        return start(WATCHED, command).ready();
    }

    /** Whether {@link #runWithSmallDisk} can work: it needs user namespaces, or root. */
    static boolean canMount() throws Exception {
        List<String> command = new ArrayList<>(OWN_MOUNTS);
        command.addAll(List.of("mount", "-t", "tmpfs", "small", "/mnt"));
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private DistProxy ready() throws Exception {
        try {
            awaitLine("ready: ");
        } catch (Exception | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
        return this;
    }

    /** A file as the process sees it, small disk or not. */
    Path seen(Path path) {
        return Path.of("/proc/" + process.pid() + "/root" + path.toAbsolutePath());
    }

    /** The process's resident memory, in KiB. */
    long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Collects garbage in the process, so that what was leaked is told when the next buffers are made. */
    void collectGarbage() throws Exception {
        for (int i = 0; i < 2; i++) {
            asked("GC.run");
        }
    }

    /** What {@code jcmd} says. */
    String asked(String... command) throws Exception {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        List<String> all = new ArrayList<>(List.of(jcmd.toString(), Long.toString(process.pid())));
        all.addAll(List.of(command));
        Process asking = new ProcessBuilder(all).redirectErrorStream(true).start();
        String said = new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(asking.waitFor()).as(said).isZero();
        return said;
    }

    /** The port behind {@code https://127.0.0.1:} or {@code http://127.0.0.1:} in the log. */
    int port(String scheme) throws Exception {
        Pattern pattern = Pattern.compile("listening on " + scheme + "://127\\.0\\.0\\.1:(\\d+)");
        Matcher matcher = pattern.matcher(awaitLine("listening on " + scheme + "://"));
        assertThat(matcher.find()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    /** The first line that has this text. */
    String awaitLine(String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (lines) {
            while (true) {
                for (String line : lines) {
                    if (line.contains(text)) {
                        return line;
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (ended || left <= 0) {
                    throw new AssertionError("no line with \"" + text + "\" in " + lines);
                }
                lines.wait(left);
            }
        }
    }

    /** Everything that it said. */
    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    void terminate() {
        process.toHandle().destroy();
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        awaitExit();
    }

    /** Waits for the end, and for the last line. */
    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("ends by itself: %s", lines())
                .isTrue();
        reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        return process.exitValue();
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
        try {
            // What it said last may still be on its way.
            reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(lines())
                .as("faults in the log")
                .noneMatch(line -> line.contains("LEAK") || line.contains("AssertionError"));
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
            // The process has ended.
        } finally {
            synchronized (lines) {
                ended = true;
                lines.notifyAll();
            }
        }
    }
}
