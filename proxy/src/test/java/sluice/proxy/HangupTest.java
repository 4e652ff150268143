package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** With the real signal, to this JVM: were it not taken, the JVM would stop. */
class HangupTest {
    @Test
    void aHangupRunsWhatIsSaidAndStopsNothing() throws Exception {
        // Under nohup the signal is ignored, which a JVM leaves as it is.
        assumeThat(ignoresHangups()).isFalse();
        Semaphore runs = new Semaphore(0);
        Hangup.on(runs::release);
        for (int i = 0; i < 2; i++) {
            Process kill = new ProcessBuilder(
                            "/bin/kill",
                            "-HUP",
                            Long.toString(ProcessHandle.current().pid()))
                    .start();
            assertThat(kill.waitFor()).isZero();
            assertThat(runs.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The mask of ignored signals that this JVM was started with; see proc(5). */
    private static boolean ignoresHangups() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("SigIgn:")) {
                return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0;
            }
        }
        return false;
    }
}
