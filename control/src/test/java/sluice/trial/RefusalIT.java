package sluice.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sluice.testbed.Await;
import sluice.testbed.LocalProcess;
import sluice.testbed.PostgresNode;
import sluice.testbed.PostgresPair;

/** What is wrong with the standby is found before anything is held: {@code sluice move} refuses, says why and what to do. */
class RefusalIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final int REFUSED = 3;

    private static Trial trial;

    @BeforeAll
    static void set() throws Exception {
        trial = new Trial();
    }

    @AfterAll
    static void strike() throws Exception {
        trial.neverBothWritable();
        trial.nothingIsLostOn("old");
        trial.close();
    }

    @Test
    void aStandbyThatLagsBehind() throws Exception {
        PostgresNode primary = trial.stage().postgres().oldServer();
        PostgresNode standby = trial.stage().postgres().newServer();
        long receiver = standby.freezeReceiver();
        try {
            primary.execute(
                    "SELECT pg_logical_emit_message(false, 'ballast', repeat('x', 1000000))", "SELECT pg_switch_wal()");
            refused(site("max_lag = \"64KiB\"", ""), "bytes behind", "wait until it has caught up");
        } finally {
            standby.thaw(receiver);
        }
        trial.stage().postgres().awaitStreaming();
    }

    @Test
    void aStandbyThatDoesNotStream() throws Exception {
        PostgresNode standby = trial.stage().postgres().newServer();
        String conninfo = standby.query("SHOW primary_conninfo");
        standby.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'", "SELECT pg_reload_conf()");
        try {
            Await.until("the receiver has ended", BOUND, () -> receives(standby).equals("0"));
            refused(site("", ""), "receives nothing", "primary_conninfo");
        } finally {
            standby.execute(
                    "ALTER SYSTEM SET primary_conninfo = '" + conninfo.replace("'", "''") + "'",
                    "SELECT pg_reload_conf()");
            trial.stage().postgres().awaitStreaming();
        }
    }

    @Test
    void replayThatIsPaused() throws Exception {
        PostgresNode standby = trial.stage().postgres().newServer();
        standby.execute("SELECT pg_wal_replay_pause()");
        try {
            refused(site("", ""), "replay is paused", "pg_wal_replay_resume()");
        } finally {
            standby.execute("SELECT pg_wal_replay_resume()");
        }
    }

    @Test
    void aStandbyOnAnotherTimeline() throws Exception {
        try (PostgresPair other = PostgresPair.start()) {
            // The same system: a copy of the same base backup, which was promoted once and is a standby again.
            PostgresNode forked = other.newServer();
            forked.execute("SELECT pg_promote()");
            forked.execute("CHECKPOINT");
            forked.stop();
            Files.createFile(forked.data().resolve("standby.signal"));
            forked.start();
            refused(site("", forked.siteToml()), "different timelines: 1 on old, 2 on new", "base backup");
        }
    }

    @Test
    void aStandbyOfAnotherSystem() throws Exception {
        try (PostgresPair other = PostgresPair.startOfAnotherSystem()) {
            refused(site("", other.newServer().siteToml()), "the two are different databases", "base backup");
        }
    }

    private static void refused(Path site, String why, String whatToDo) throws Exception {
        long epoch = trial.gate().epoch();
        LocalProcess move = LocalProcess.start(
                "move",
                trial.log("refused"),
                List.of(
                        Path.of("target/dist/bin/sluice").toAbsolutePath().toString(),
                        "--site",
                        site.toString(),
                        "move"));
        int exit = move.awaitEnd(BOUND);
        String said = String.join("\n", move.lines());
        assertThat(exit).as(said).isEqualTo(REFUSED);
        assertThat(said).contains(why).contains(whatToDo).contains("\"next\":").contains("\"undo\":");
        assertThat(trial.gate().epoch()).as("nothing was held").isEqualTo(epoch);
        trial.serves();
    }

    /** The trial's site file with other bounds, or with another new Postgres. */
    private static Path site(String bounds, String newPostgres) throws Exception {
        String text = Files.readString(trial.stage().siteFile());
        if (!bounds.isEmpty()) {
            text = text.replace("[old.postgres]", "[move]\n" + bounds + "\n\n[old.postgres]");
        }
        if (!newPostgres.isEmpty()) {
            text = text.replace(trial.stage().postgres().newServer().siteToml(), newPostgres);
            assertThat(text).contains(newPostgres);
        }
        return Files.writeString(Files.createTempFile(trial.stage().folder(), "site", ".toml"), text);
    }

    private static String receives(PostgresNode standby) {
        try {
            return standby.query("SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
