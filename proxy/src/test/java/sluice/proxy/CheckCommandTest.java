package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code sluice-proxy check} says, and with which code it ends. */
class CheckCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path config;

    @BeforeEach
    void nobodyServes() throws IOException {
        int dead;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = free.getLocalPort();
        }
        config = Files.writeString(folder.resolve("proxy.toml"), """
                self_signed = true
                domains = ["example.social"]
                state.directory = "state"
                listen.https = ["127.0.0.1:0"]
                listen.http = []
                listen.admin = ["unix:%1$s/admin.sock"]
                upstreams.old.web = "http://127.0.0.1:%2$d"
                upstreams.new.web = "http://127.0.0.1:%2$d"
                """.formatted(folder, dead));
    }

    private int check(String... more) {
        String[] all = new String[more.length + 3];
        all[0] = "check";
        all[1] = "--config";
        all[2] = config.toString();
        System.arraycopy(more, 0, all, 3, more.length);
        return new CommandLine(new Main())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all);
    }

    @Test
    void aProblemOnTheMachineEndsWith3() {
        assertThat(check()).isEqualTo(3);
        assertThat(out.toString().lines())
                .contains(config + ": OK")
                .anyMatch(line -> line.startsWith("problem: upstreams.old.web: cannot be reached: "))
                .anyMatch(line -> line.startsWith("warning: upstreams.new.web: cannot be reached: "));
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void offlineNobodyIsAsked() {
        assertThat(check("--offline")).isZero();
        assertThat(out.toString()).contains(": OK").doesNotContain("problem: ", "warning: upstreams");
    }

    @Test
    void asAnotherUser() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setPosixFilePermissions(closed, java.util.Set.of());
        Files.writeString(config, Files.readString(config).replace("directory = \"state\"", "directory = \"closed\""));

        assertThat(check("--user", "nobody")).isEqualTo(3);
        assertThat(out.toString()).contains("problem: state.directory: nobody cannot write to " + closed);
    }

    @Test
    void aUserWhoIsNotThere() {
        assertThat(check("--user", "no-such-user")).isEqualTo(2);
        assertThat(err.toString()).contains("There is no user no-such-user");
    }

    @Test
    void aWrongConfigurationEndsWith78() throws IOException {
        Files.writeString(config, "domains = 7\n", java.nio.file.StandardOpenOption.TRUNCATE_EXISTING);

        assertThat(check()).isEqualTo(78);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains(": domains: ", ": upstreams.old.web: ");
    }
}
