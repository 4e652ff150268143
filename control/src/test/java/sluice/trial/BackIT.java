package sluice.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.testbed.LocalProcess;
import sluice.testbed.Sshd;

/** There, back and there again on a live site whose new side is behind ssh, with the commands that people type. */
class BackIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final int DONE = 0;
    private static final int REFUSED = 3;

    @Test
    void nothingIsLostOnTheWayThereBackAndThereAgain() throws Exception {
        try (Sshd sshd = Sshd.start();
                Trial trial = new Trial()) {
            Path site = Files.createTempFile(trial.stage().folder(), "site", ".toml");
            Files.writeString(
                    site,
                    Files.readString(trial.stage().siteFile())
                            .replace("[new.postgres]", sshd.siteToml("new") + "\n[new.postgres]"));
            thereBackAndThereAgain(trial, site);
        }
    }

    private static void thereBackAndThereAgain(Trial trial, Path site) throws Exception {
        sluice(trial, site, REFUSED, "Postgres roles", "move", "--back");
        trial.openTo("old");

        sluice(trial, site, DONE, "\"undo\":\"sluice move --back", "move");
        trial.openTo("new");
        trial.serves();
        sluice(trial, site, DONE, "sluice move --back", "status");
        sluice(trial, site, REFUSED, "sluice move --back", "move");
        trial.openTo("new");

        sluice(trial, site, DONE, "\"undo\":\"sluice move:", "move", "--back");
        trial.openTo("old");
        trial.serves();

        sluice(trial, site, DONE, "\"undo\":\"sluice move --back", "move");
        trial.openTo("new");
        trial.serves();
        trial.neverBothWritable();
        trial.nothingIsLostOn("new");
    }

    private static void sluice(Trial trial, Path site, int exit, String says, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of("target/dist/bin/sluice").toAbsolutePath().toString(), "--site", site.toString()));
        command.addAll(List.of(arguments));
        LocalProcess process = LocalProcess.start("sluice", trial.log("sluice"), command);
        int ended = process.awaitEnd(BOUND);
        String said = String.join("\n", process.lines());
        assertThat(ended).as("%s: %s", String.join(" ", arguments), said).isEqualTo(exit);
        assertThat(said).contains(says);
    }
}
