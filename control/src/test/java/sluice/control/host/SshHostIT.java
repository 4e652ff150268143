package sluice.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.control.host.Host.HostException;
import sluice.testbed.Await;
import sluice.testbed.Sshd;

/** Through a real ssh server, as the account of this JVM. */
class SshHostIT extends HostContract {
    private static Sshd sshd;

    private Path sockets;
    private SshHost host;

    @BeforeAll
    static void listen() {
        sshd = Sshd.start();
    }

    @AfterAll
    static void close() {
        sshd.close();
    }

    @BeforeEach
    void connect() throws Exception {
        // Short enough for the path of a unix socket.
        sockets = Files.createTempDirectory(Path.of("/tmp"), "s");
        host = new SshHost(sshd.destination(), sockets.resolve("run"), sshd.identity(), sshd.knownHosts());
    }

    @AfterEach
    void disconnect() throws Exception {
        host.close();
        Path run = sockets.resolve("run");
        // The shared connection takes its socket away when it ends.
        Await.until("nothing is left in " + run, BOUND, () -> run.toFile().list().length == 0);
        Files.delete(run);
        Files.delete(sockets);
    }

    @Override
    Host host() {
        return host;
    }

    @Test
    void everyWordArrivesAsItIs() throws Exception {
        List<String> words =
                List.of("", " ", "it's", "\"$HOME\"", "`id`", "a;b&c|d", "*", "\\", "new\nline", "ü", "-n", "~");
        StringBuilder format = new StringBuilder();
        words.forEach(word -> format.append("[%s]"));
        List<String> command = new java.util.ArrayList<>(List.of("printf", format.toString()));
        command.addAll(words);
        assertThat(host.run("", BOUND, command).out()).isEqualTo("[" + String.join("][", words) + "]");
    }

    @Test
    void exitCodesOfItsOwnAreNotTakenForThoseOfTheProgram() throws Exception {
        assertThat(host.run("", BOUND, List.of("sh", "-c", "exit 255")).exitCode())
                .isEqualTo(255);
        sshd.kill();
        try {
            assertThatThrownBy(() -> host.run("", BOUND, List.of("true")))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining("no connection to " + sshd.destination());
        } finally {
            sshd.restart();
        }
        assertThat(host.run("", BOUND, List.of("echo", "again")).out()).isEqualTo("again\n");
    }

    @Test
    void commandsShareOneConnection() throws Exception {
        String first =
                host.run("", BOUND, List.of("sh", "-c", "echo $SSH_CONNECTION")).out();
        assertThat(first).startsWith("127.0.0.1 ");
        assertThat(host.run("", BOUND, List.of("sh", "-c", "echo $SSH_CONNECTION"))
                        .out())
                .isEqualTo(first);
    }

    @Test
    void anUnknownHostKeyIsRefusedAndSaid() throws Exception {
        Path empty = Files.writeString(folder.resolve("known_hosts"), "");
        try (SshHost other = new SshHost(sshd.destination(), sockets.resolve("run"), sshd.identity(), empty)) {
            assertThatThrownBy(() -> other.run("", BOUND, List.of("true")))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining("Host key verification failed")
                    .hasMessageContaining("Compare its key");
        }
    }

    @Test
    void aKeyThatIsNotLetInIsSaid() throws Exception {
        Path key = folder.resolve("key");
        new LocalHost().run("", BOUND, List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()));
        try (SshHost other = new SshHost(sshd.destination(), sockets.resolve("run"), key, sshd.knownHosts())) {
            assertThatThrownBy(() -> other.run("", BOUND, List.of("true")))
                    .isInstanceOf(HostException.class)
                    .hasMessageContaining("authorized_keys");
        }
    }

    @Test
    void noProgramIsLeftBehindThatTookTooLong() throws Exception {
        Path pid = folder.resolve("pid");
        assertThatThrownBy(() -> host.run(
                        "", Duration.ofMillis(300), List.of("sh", "-c", "echo $$ > " + pid + "; exec sleep 600")))
                .isInstanceOf(HostException.class);
        assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                        .map(ProcessHandle::isAlive)
                        .orElse(false))
                .isFalse();
    }
}
