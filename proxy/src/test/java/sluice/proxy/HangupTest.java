package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** With the real signal, to this JVM: were it not taken, the JVM would stop. */
class HangupTest {
    @Test
    void aHangupRunsWhatIsSaidAndStopsNothing() throws Exception {
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
}
