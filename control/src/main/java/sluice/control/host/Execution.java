package sluice.control.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.control.host.Host.HostException;
import sluice.control.host.Host.Output;

/** A program that runs to its end within a bound, with nothing to read, and what it printed. */
final class Execution {
    private Execution() {}

    /**
     * Runs a program on this machine.
     *
     * @param host where people think of it as running, for messages
     * @throws HostException when it cannot be started, or does not end in time (it is killed then)
     */
    static Output of(String host, Duration timeout, List<String> command) throws HostException {
        String shown = String.join(" ", command);
        Path out = null;
        Path err = null;
        try {
            // Files, not pipes: a daemon that the command leaves behind would keep a pipe open.
            out = Files.createTempFile("sluice", ".out");
            err = Files.createTempFile("sluice", ".err");
            ProcessBuilder builder = new ProcessBuilder(command)
                    // Control's own folder may be closed to the other account.
                    .directory(Path.of("/").toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            Process process = builder.start();
            awaitEnd(host, process, timeout, shown);
            return new Output(process.exitValue(), Files.readString(out), Files.readString(err));
        } catch (HostException e) {
            throw e;
        } catch (IOException e) {
            throw new HostException("cannot run on " + host + ": " + shown + ": " + e.getMessage(), e);
        } finally {
            discard(out);
            discard(err);
        }
    }

    private static void awaitEnd(String host, Process process, Duration timeout, String shown) throws HostException {
        try {
            if (process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            kill(process);
            throw new HostException(
                    "did not end within " + timeout.toMillis() + " ms on " + host + " and was killed: " + shown);
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            throw new HostException("interrupted on " + host + " and killed: " + shown, e);
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static void discard(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A temporary file that stays behind changes no result.
            file.toFile().deleteOnExit();
        }
    }
}
