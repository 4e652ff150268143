package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command: what it writes where, and how it ends. */
class ImportNginxCommandTest {
    private static final String SITE = """
            server {
                listen 443 ssl;
                server_name example.social;
                ssl_certificate /c/fullchain.pem;
                ssl_certificate_key /c/privkey.pem;
                deny 192.0.2.1;
                location / { proxy_pass http://127.0.0.1:3000; }
                location /api/v1/streaming { proxy_pass http://127.0.0.1:4000; }
                location /secret { auth_basic x; proxy_pass http://127.0.0.1:3000; }
            }
            """;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path file;

    @BeforeEach
    void write() throws Exception {
        file = folder.resolve("site.conf");
        Files.writeString(file, SITE);
    }

    @Test
    void findingsRefuse() {
        assertThat(run(file.toString())).isEqualTo(3);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .contains("against: " + file + ":6: deny 192.0.2.1", "against: " + file + ":9: auth_basic x")
                .contains("refused: 2 findings stand against the import");
    }

    @Test
    void eachFindingIsAcceptedByItsPlace() {
        assertThat(run(file.toString(), "--accept", file + ":6")).isEqualTo(3);
        assertThat(err.toString()).contains("accepted: " + file + ":6", "against: " + file + ":9", "1 finding stands");

        assertThat(run(file.toString(), "--accept", file + ":6", "--accept", file + ":9"))
                .isZero();
        assertThat(out.toString()).contains("domains = [\"example.social\"]");
    }

    @Test
    void aPlaceWithoutFindingIsRefused() {
        assertThat(run(file.toString(), "--force", "--accept", file + ":2")).isEqualTo(3);
        assertThat(err.toString()).contains("--accept " + file + ":2 names no finding");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void forceAcceptsAll() {
        assertThat(run(file.toString(), "--force", "--new", "https://203.0.113.9"))
                .isZero();
        assertThat(out.toString()).contains("web = \"https://203.0.113.9\"");
        assertThat(err.toString()).contains("accepted: " + file + ":6");
    }

    @Test
    void nothingIsOverwritten() throws Exception {
        Path toml = folder.resolve("proxy.toml");

        assertThat(run(file.toString(), "--force", "--out", toml.toString())).isZero();
        assertThat(out.toString()).isEmpty();
        assertThat(Files.readString(toml)).contains("domains = [\"example.social\"]");

        Files.writeString(toml, "mine");
        assertThat(run(file.toString(), "--force", "--out", toml.toString())).isEqualTo(1);
        assertThat(err.toString()).contains(toml + " exists already");
        assertThat(Files.readString(toml)).isEqualTo("mine");
    }

    @Test
    void whatIsNotNginxsLanguageFails() throws Exception {
        Files.writeString(file, "server {\n listen 80\n}\n");

        assertThat(run(file.toString())).isEqualTo(1);
        assertThat(err.toString()).startsWith(file + ":3: ");
    }

    @Test
    void withoutAMastodonItIsRefused() throws Exception {
        Files.writeString(file, "server { listen 80; server_name a.example; }");

        assertThat(run(file.toString())).isEqualTo(3);
        assertThat(err.toString()).startsWith("refused: no server block passes /api/v1/streaming on");
    }

    @Test
    void usage() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("-", file.toString())).isEqualTo(2);
        assertThat(run(file.toString(), "--new", "203.0.113.9")).isEqualTo(2);
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("--accept=FILE:LINE", "Exit codes:");
    }

    private int run(String... args) {
        return new CommandLine(new ImportNginxCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }
}
