package sluice.control.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.control.host.LocalHost;
import sluice.control.postgres.PostgresServer.ControlData;
import sluice.control.postgres.PostgresServer.ReplicaView;
import sluice.control.postgres.PostgresServer.Status;
import sluice.control.site.PostgresUrl;
import sluice.control.site.Site;
import sluice.testbed.Await;
import sluice.testbed.LocalProcess;
import sluice.testbed.PostgresNode;
import sluice.testbed.PostgresPair;

/** On a real primary and its real standby, with the control role's few rights. */
class LivePostgresIT {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private PostgresPair pair;
    private LivePostgres from;
    private LivePostgres to;

    @BeforeEach
    void start() throws Exception {
        pair = PostgresPair.start();
        try (Connection connection = pair.oldServer().connect("mastodon");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE statuses (id bigserial PRIMARY KEY, text text NOT NULL)");
            statement.execute("INSERT INTO statuses (text) SELECT 'status ' || n FROM generate_series(1, 100) n");
            statement.execute("VACUUM statuses");
        }
        from = server(pair.oldServer());
        to = server(pair.newServer());
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
        pair.close();
    }

    @Test
    void theWayThereAndTheOldOneFollowsWithoutRewind() throws Exception {
        from.open();
        to.open();
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
        assertThat(to.status()).isEqualTo(Status.STANDBY);
        assertThat(from.identity()).isEqualTo(to.identity());
        assertThat(from.identity().timeline()).isEqualTo(1);
        assertThat(from.preparedTransactions()).isZero();
        from.tryReplication(pair.newServer().replication());
        from.checkpoint();
        to.checkpoint();

        Lsn marked = from.marker("run-1");
        Await.until("the marker is replayed", BOUND, () -> asked(() -> !marked.isAfter(to.replayed())));
        assertThat(to.standby().streaming()).isTrue();
        assertThat(to.standby().timeline()).isEqualTo(1);
        assertThat(to.standby().replayPaused()).isFalse();
        assertThat(to.standby().applyDelay()).isZero();
        ReplicaView replica = from.replica("sluice_new");
        assertThat(replica).isNotNull();
        assertThat(replica.state()).isEqualTo("streaming");
        assertThat(from.replica("nobody")).isNull();

        from.fence(conninfo());
        assertThat(from.fenced()).isTrue();
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
        from.stop(BOUND);
        ControlData end = from.controlData();
        assertThat(end.cleanlyShutDown()).isTrue();
        assertThat(end.redo()).isEqualTo(end.checkpoint());
        assertThat(end.systemIdentifier()).isEqualTo(to.identity().systemIdentifier());
        assertThat(end.timeline()).isEqualTo(1);
        Await.until(
                "replayed past the end", BOUND, () -> asked(() -> to.replayed().isAfter(end.checkpoint())));
        to.promote();
        Await.until("promoted", BOUND, () -> to.status() == Status.PRIMARY);
        to.verifyAsApplication("run-1");
        to.promote(); // Again: nothing happens.

        assertThat(to.identity().timeline()).isEqualTo(2);
        assertThat(from.status()).isEqualTo(Status.STOPPED_STANDBY);
        assertThat(pair.newServer().query("SELECT count(*) FROM statuses")).isEqualTo("100");

        to.makeSlot("sluice_old");
        to.makeSlot("sluice_old");
        from.start(BOUND);
        assertThat(from.status()).isEqualTo(Status.STANDBY);
        Await.until(
                "old streams",
                BOUND,
                () -> asked(() -> {
                    ReplicaView view = to.replica("sluice_old");
                    return view != null && view.state().equals("streaming");
                }));
        pair.newServer().execute("CHECKPOINT");
        Lsn after = to.marker("run-1 after");
        Await.until("old replays the new timeline", BOUND, () -> asked(() -> !after.isAfter(from.replayed())));
        assertThat(from.standby().timeline()).isEqualTo(2);
        assertThat(pair.newServer().query("SELECT active FROM pg_replication_slots WHERE slot_name = 'sluice_old'"))
                .isEqualTo("t");
        from.dropSlot("sluice_new");
        from.dropSlot("sluice_new");
        assertThat(pair.oldServer().query("SELECT count(*) FROM pg_replication_slots"))
                .isEqualTo("0");
    }

    @Test
    void theLockDoesNotReachTheOtherSide() throws Exception {
        // Whatever is in a catalog travels through the log: a lock there would lock the new side too.
        String catalogs = "SELECT md5(concat("
                + "(SELECT string_agg(d::text, ',' ORDER BY oid) FROM pg_database d), "
                + "(SELECT string_agg(a::text, ',' ORDER BY oid) FROM pg_authid a), "
                + "(SELECT string_agg(s::text, ',' ORDER BY s::text) FROM pg_db_role_setting s)))";
        from.open();
        to.open();
        String before = pair.newServer().query(catalogs);
        from.boundWalSender(Duration.ofSeconds(2));
        from.fence(conninfo());
        Lsn after = from.marker("after the lock");
        Await.until("what the lock wrote has arrived", BOUND, () -> asked(() -> !after.isAfter(to.replayed())));
        assertThat(pair.newServer().query(catalogs)).isEqualTo(before);
    }

    @Test
    void abortRestoresTheFilesAndThePrimaryAndItsTimeline() throws Exception {
        Path conf = pair.oldServer().data().resolve("postgresql.auto.conf");
        pair.oldServer()
                .execute(
                        "ALTER SYSTEM SET primary_slot_name = 'from_before'",
                        "ALTER SYSTEM SET wal_sender_timeout = '45s'",
                        "SELECT pg_reload_conf()");
        String before = Files.readString(conf);
        from.open();
        from.boundWalSender(Duration.ofSeconds(2));
        from.boundWalSender(Duration.ofSeconds(3));
        assertThat(pair.oldServer().query("SHOW wal_sender_timeout")).isEqualTo("3s");
        from.fence(conninfo());
        from.fence(conninfo());
        assertThat(Files.readString(conf)).contains("primary_slot_name = 'sluice_old'");
        from.stop(BOUND);
        assertThat(from.status()).isEqualTo(Status.STOPPED_STANDBY);

        from.unfence();
        from.unfence();
        assertThat(from.fenced()).isFalse();
        assertThat(from.status()).isEqualTo(Status.STOPPED_PRIMARY);
        from.start(BOUND);
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
        from.resetWalSender();
        from.resetWalSender();
        Await.until(
                "the timeout is back",
                BOUND,
                () -> asked(() -> "45s".equals(pair.oldServer().query("SHOW wal_sender_timeout"))));
        assertThat(Files.readString(conf).lines().sorted())
                .containsExactlyElementsOf(before.lines().sorted().toList());
        assertThat(pair.oldServer().data().toFile().list())
                .noneMatch(name -> name.startsWith("sluice.") || name.endsWith(".sluice-new"));
        assertThat(from.identity().timeline()).isEqualTo(1);
        from.verifyAsApplication("after the abort");
        pair.awaitStreaming();
    }

    @Test
    void whoeverStartsALockedPrimaryGetsAStandby() throws Exception {
        from.open();
        from.fence(conninfo());
        pair.oldServer().kill();
        assertThat(from.status()).isEqualTo(Status.STOPPED_STANDBY);
        pair.oldServer().start();
        assertThat(from.status()).isEqualTo(Status.STANDBY);
        assertThatThrownBy(() -> pair.oldServer().execute("CREATE TABLE t (id int)"))
                .hasMessageContaining("read-only");
        // The undoing of that: down again, the lock away, up as the primary that it was, on its own timeline.
        from.unfence();
        from.stop(BOUND);
        assertThat(from.status()).isEqualTo(Status.STOPPED_PRIMARY);
        from.start(BOUND);
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
        assertThat(from.identity().timeline()).isEqualTo(1);
        pair.awaitStreaming();
    }

    @Test
    void aTrueStandbyIsNeitherLockedNorUnlocked() throws Exception {
        assertThatThrownBy(() -> to.fence(conninfo())).hasMessageContaining("not by sluice");
        assertThatThrownBy(to::unfence).hasMessageContaining("would become a primary");
        pair.newServer().stop();
        assertThatThrownBy(to::unfence).hasMessageContaining("would become a primary");
        assertThat(to.status()).isEqualTo(Status.STOPPED_STANDBY);
        pair.newServer().start();
        assertThat(to.status()).isEqualTo(Status.STANDBY);
    }

    @Test
    void aKilledPrimaryIsDownAndNotClean() throws Exception {
        from.open();
        pair.oldServer().kill();
        assertThat(from.status()).isEqualTo(Status.STOPPED_PRIMARY);
        assertThat(from.controlData().cleanlyShutDown()).isFalse();
        assertThatThrownBy(() -> from.stop(Duration.ofSeconds(2))).isInstanceOf(PostgresException.class);
        from.start(BOUND);
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
        from.verifyAsApplication("after the crash");
    }

    @Test
    void aServerThatDoesNotAnswerIsUnknown() throws Exception {
        long postmaster = pair.oldServer().postmasterPid();
        signal("STOP", postmaster);
        try {
            assertThat(from.status()).isEqualTo(Status.UNKNOWN);
        } finally {
            signal("CONT", postmaster);
        }
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
    }

    @Test
    void theBoundEndsAStopThatWaitsForAFrozenReceiverAndTheProofSeesIt() throws Exception {
        from.open();
        to.open();
        from.boundWalSender(Duration.ofSeconds(1));
        long receiver = pair.newServer().freezeReceiver();
        try {
            Lsn marked = from.marker("unseen");
            from.fence(conninfo());
            from.stop(BOUND);
            ControlData end = from.controlData();
            assertThat(end.cleanlyShutDown()).isTrue();
            assertThat(marked.isAfter(end.checkpoint())).isFalse();
            // Cleanly shut down, and yet the standby has not got all of it.
            assertThat(to.replayed().isAfter(end.checkpoint())).isFalse();
            assertThat(to.replayed()).isLessThan(marked);
        } finally {
            pair.newServer().thaw(receiver);
        }
    }

    @Test
    void aStartWaitsForAStopThatIsUnderWay() throws Exception {
        from.open();
        long receiver = pair.newServer().freezeReceiver();
        CompletableFuture<Void> started;
        try {
            from.marker("unseen");
            assertThatThrownBy(() -> from.stop(Duration.ofMillis(50))).hasMessageContaining("goes on stopping");
            assertThat(from.status()).isEqualTo(Status.UNKNOWN);
            started = CompletableFuture.runAsync(() -> asked(() -> {
                from.start(BOUND);
                return true;
            }));
            assertThat(started).isNotDone();
        } finally {
            pair.newServer().thaw(receiver);
        }
        started.join();
        assertThat(from.status()).isEqualTo(Status.PRIMARY);
    }

    @Test
    void verifyFailsOnAStandbyAndLeavesNothingOnAPrimary() throws Exception {
        to.open();
        assertThatThrownBy(() -> to.verifyAsApplication("early")).isInstanceOf(PostgresException.class);
        String before = pair.oldServer().query("SELECT md5(string_agg(s::text, ',' ORDER BY id)) FROM statuses s");
        from.verifyAsApplication("run");
        assertThat(pair.oldServer().query("SELECT md5(string_agg(s::text, ',' ORDER BY id)) FROM statuses s"))
                .isEqualTo(before);
        // It did write to the application's table: a row carries the lock of a transaction that is over.
        assertThat(pair.oldServer().query("SELECT count(*) FROM statuses WHERE xmax <> 0"))
                .isEqualTo("1");
        pair.oldServer().execute("ALTER ROLE mastodon SET default_transaction_read_only = on");
        from.close();
        assertThatThrownBy(() -> from.verifyAsApplication("run")).hasMessageContaining("read-only");
    }

    @Test
    void anotherServersFilesAreNotTakenForItsOwn() throws Exception {
        Site.Postgres old = site(pair.oldServer());
        Site.Postgres mixed = new Site.Postgres(
                "old",
                PostgresUrl.parse(pair.newServer().controlUrl()),
                old.appUrl(),
                old.data(),
                old.bin(),
                old.user(),
                old.replication(),
                old.own(),
                old.applicationName(),
                old.slot(),
                old.options());
        LivePostgres wrong = new LivePostgres(new LocalHost(), mixed);
        try {
            assertThatThrownBy(wrong::open).hasMessageContaining("correct one of the two");
            assertThat(wrong.status()).isEqualTo(Status.UNKNOWN);
        } finally {
            wrong.close();
        }
    }

    @Test
    void preparedTransactionsAreCountedAndAnUnreachableOtherSideIsSaidSo() throws Exception {
        assertThatThrownBy(() -> from.tryReplication("host=127.0.0.1 port=1 user=replicator"))
                .hasMessageContaining("no replication connection");
        try (Connection connection = pair.oldServer().connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW max_prepared_transactions")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
        assertThat(from.preparedTransactions()).isZero();
    }

    private String conninfo() {
        return pair.newServer().replication() + " application_name=sluice_old";
    }

    private static LivePostgres server(PostgresNode node) {
        return new LivePostgres(new LocalHost(), site(node));
    }

    private static Site.Postgres site(PostgresNode node) {
        return new Site.Postgres(
                node.side(),
                PostgresUrl.parse(node.controlUrl()),
                PostgresUrl.parse(node.applicationUrl()),
                node.data(),
                PostgresNode.bin(),
                PostgresNode.user(),
                node.replication(),
                new Site.Address("127.0.0.1", node.port()),
                node.applicationName(),
                node.applicationName(),
                List.of());
    }

    private static void signal(String name, long pid) {
        LocalProcess.run(Duration.ofSeconds(5), List.of("kill", "-" + name, Long.toString(pid)));
    }

    private interface Asked {
        boolean now() throws Exception;
    }

    private static boolean asked(Asked asked) {
        try {
            return asked.now();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
