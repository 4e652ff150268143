package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where systemd is installed, it has nothing to say against the unit. */
class UnitFileTest {
    private static final Path SYSTEMD = Path.of("/usr/bin/systemd-analyze");
    private static final Path UNIT = Path.of("../systemd/sluice-proxy.service");

    @TempDir
    Path folder;

    @Test
    void systemdFindsNoMistake() throws Exception {
        assertThat(verify(UNIT)).isEmpty();
    }

    @Test
    void systemdWouldFindOne() throws Exception {
        Path broken = folder.resolve("sluice-proxy.service");
        Files.writeString(broken, Files.readString(UNIT).replace("ProtectSystem=strict", "ProtectSystem=very"));

        assertThat(verify(broken)).contains("protect system");
    }

    private static String verify(Path unit) throws Exception {
        assumeTrue(Files.isExecutable(SYSTEMD), "systemd is not installed");
        Process verify = new ProcessBuilder(SYSTEMD.toString(), "verify", "--man=no", unit.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return verify.exitValue() == 0 ? said : said + "exit code " + verify.exitValue();
    }
}
