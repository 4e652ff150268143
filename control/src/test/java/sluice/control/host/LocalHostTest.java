package sluice.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import sluice.control.host.Host.HostException;

/** On this machine. */
class LocalHostTest extends HostContract {
    private final LocalHost host = new LocalHost();

    @Override
    Host host() {
        return host;
    }

    @Test
    void aProgramThatIsNotThere() {
        assertThatThrownBy(() -> host.run("", BOUND, List.of("/no/such/program")))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("/no/such/program");
    }

    @Test
    void anotherAccountRunsItWhenWeAreRoot() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root may");
        assertThat(host.run("postgres", BOUND, List.of("id", "-un")).out()).isEqualTo("postgres\n");
        assertThat(host.run("postgres", BOUND, List.of("id", "-gn")).out()).isEqualTo("postgres\n");
        assertThatThrownBy(() -> host.run("nobody-of-that-name", BOUND, List.of("id")))
                .hasMessageContaining("no account nobody-of-that-name");
    }
}
