package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.TestConfig;
import sluice.proxy.route.FileDisk;
import sluice.proxy.route.StateFile;

/** A start that fails let nothing through, and the next one must not believe that it did. */
@Timeout(60)
class FailedStartTest {
    @TempDir
    Path folder;

    private ProxyConfig config(InetSocketAddress http, InetSocketAddress admin) {
        URI nowhere = URI.create("http://127.0.0.1:9");
        ProxyConfig d = TestConfig.of(folder.resolve("state"), nowhere, nowhere);
        return new ProxyConfig(
                d.preset(),
                d.rules(),
                d.domains(),
                d.tls(),
                d.clientAddress(),
                d.root(),
                d.errorPage(),
                new ProxyConfig.Listen(
                        d.listen().https(),
                        List.of(http),
                        List.of(admin),
                        d.listen().adminSockets(),
                        null,
                        OtherSites.NONE),
                d.state(),
                d.upstreams(),
                d.gate(),
                d.limits(),
                d.server(),
                d.files(),
                d.stopTimeout());
    }

    private boolean endedWell() throws Exception {
        try (FileDisk disk = new FileDisk(folder.resolve("state"))) {
            StateFile file = new StateFile(disk);
            assertThat(file.open()).isEqualTo(StateFile.Opened.FOUND);
            return file.endedWell();
        }
    }

    @Test
    void neitherTheVeryFirstNorALaterOneCountsAsRunning() throws Exception {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress taken = (InetSocketAddress) other.getLocalSocketAddress();
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> Proxy.start(config(free, taken)))
                        .as("before it listens")
                        .isInstanceOf(StartProblem.class);
                assertThat(endedWell()).isTrue();

                assertThatThrownBy(() -> Proxy.start(config(taken, free)))
                        .as("it listened on https already")
                        .isInstanceOf(StartProblem.class)
                        .hasMessageContaining("taken");
                assertThat(endedWell()).isTrue();

                Proxy proxy = Proxy.start(config(free, free));
                assertThat(endedWell()).isFalse();
                proxy.stop();
                assertThat(endedWell()).isTrue();
            }
        }
    }

    @Test
    void afterOneThatDidNotEndWellItStaysSo() throws Exception {
        InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Proxy proxy = Proxy.start(config(free, free));
        proxy.stop();
        try (FileDisk disk = new FileDisk(folder.resolve("state"))) {
            StateFile file = new StateFile(disk);
            file.open();
            file.taken();
        }
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress taken = (InetSocketAddress) other.getLocalSocketAddress();
            assertThatThrownBy(() -> Proxy.start(config(free, taken))).isInstanceOf(StartProblem.class);
            assertThat(endedWell()).isFalse();
            assertThatThrownBy(() -> Proxy.start(config(taken, free))).isInstanceOf(StartProblem.class);
            assertThat(endedWell()).isFalse();
        }
    }
}
