package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.ProxyConfig;

class WarmUpTest {
    @Test
    void goesThroughAHold() {
        assertThat(WarmUp.run(ProxyConfig.Gate.DEFAULT)).isTrue();
    }

    /** Nobody can wait at this gate: a warm-up says so, and does no harm. */
    @Test
    void aWarmUpThatFailsIsNoMoreThanAWarning() {
        ProxyConfig.Gate narrow = new ProxyConfig.Gate(ProxyConfig.Waits.DEFAULT, 1, 1, 0, 10, Duration.ofSeconds(20));
        assertThat(WarmUp.run(narrow)).isFalse();
    }
}
