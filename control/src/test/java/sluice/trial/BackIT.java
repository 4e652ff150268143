package sluice.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.testbed.LocalProcess;

/** There, back and there again on a live site, with the commands that people type. */
class BackIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final int DONE = 0;
    private static final int REFUSED = 3;

    @Test
    void nothingIsLostOnTheWayThereBackAndThereAgain() throws Exception {
        try (Trial trial = new Trial()) {
            sluice(trial, REFUSED, "Postgres roles", "move", "--back");
            trial.openTo("old");

            sluice(trial, DONE, "\"undo\":\"sluice move --back", "move");
            trial.openTo("new");
            trial.serves();
            sluice(trial, DONE, "sluice move --back", "status");
            sluice(trial, REFUSED, "sluice move --back", "move");
            trial.openTo("new");

            sluice(trial, DONE, "\"undo\":\"sluice move:", "move", "--back");
            trial.openTo("old");
            trial.serves();

            sluice(trial, DONE, "\"undo\":\"sluice move --back", "move");
            trial.openTo("new");
            trial.serves();
            trial.neverBothWritable();
            trial.nothingIsLostOn("new");
        }
    }

    private static void sluice(Trial trial, int exit, String says, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of("target/dist/bin/sluice").toAbsolutePath().toString(),
                "--site",
                trial.stage().siteFile().toString()));
        command.addAll(List.of(arguments));
        LocalProcess process = LocalProcess.start("sluice", trial.log("sluice"), command);
        int ended = process.awaitEnd(BOUND);
        String said = String.join("\n", process.lines());
        assertThat(ended).as("%s: %s", String.join(" ", arguments), said).isEqualTo(exit);
        assertThat(said).contains(says);
    }
}
