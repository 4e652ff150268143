package sluice.control.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.control.host.Host.HostException;
import sluice.control.postgres.PostgresServer.Identity;
import sluice.control.postgres.PostgresServer.ReplicaView;
import sluice.control.postgres.PostgresServer.StandbyView;
import sluice.control.site.Site;

/** What control asks a server, with its own role. All of it may be repeated. */
final class Queries {
    private static final Duration CHECKPOINT = Duration.ofMinutes(10);

    private final Site.Postgres site;
    private final Postmaster postmaster;
    private final Session session;

    /** @param bound of connecting and of an answer; a checkpoint has its own */
    Queries(Site.Postgres site, Postmaster postmaster, Duration bound) {
        this.site = site;
        this.postmaster = postmaster;
        session = new Session(site.url(), bound, this::prepare);
    }

    void close() {
        session.close();
    }

    boolean inRecovery() throws SQLException {
        return session.one("SELECT pg_is_in_recovery()", row -> row.getBoolean(1));
    }

    /** A promoted server's control file shows its old timeline until the next checkpoint, so the log is asked. */
    Identity identity() throws SQLException {
        return session.one(
                "SELECT (SELECT system_identifier FROM pg_control_system()),"
                        + " CASE WHEN pg_is_in_recovery() THEN coalesce("
                        + "(SELECT received_tli FROM pg_stat_wal_receiver),"
                        + " (SELECT timeline_id FROM pg_control_checkpoint()))"
                        + " ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int END,"
                        + " current_setting('server_version_num')::int",
                row -> new Identity(row.getString(1), row.getInt(2), row.getInt(3)));
    }

    StandbyView standby() throws SQLException {
        return session.one(
                "SELECT coalesce(r.status = 'streaming', false),"
                        + " coalesce(r.received_tli, (SELECT timeline_id FROM pg_control_checkpoint())),"
                        + " coalesce(r.flushed_lsn, pg_last_wal_receive_lsn()), pg_last_wal_replay_lsn(),"
                        + " pg_get_wal_replay_pause_state() <> 'not paused',"
                        + " (SELECT setting::bigint FROM pg_settings WHERE name = 'recovery_min_apply_delay')"
                        + " FROM (SELECT 1) AS one LEFT JOIN pg_stat_wal_receiver AS r ON true",
                row -> new StandbyView(
                        row.getBoolean(1),
                        row.getInt(2),
                        lsn(row.getString(3)),
                        lsn(row.getString(4)),
                        row.getBoolean(5),
                        Duration.ofMillis(row.getLong(6))));
    }

    /** A base backup that is under way may have a row of that name too, so the one that streams comes first. */
    @Nullable
    ReplicaView replica(String applicationName) throws SQLException {
        return session.first(
                "SELECT state, sent_lsn, flush_lsn, replay_lsn FROM pg_stat_replication"
                        + " WHERE application_name = ? ORDER BY state = 'streaming' DESC LIMIT 1",
                row -> new ReplicaView(
                        row.getString(1), lsn(row.getString(2)), lsn(row.getString(3)), lsn(row.getString(4))),
                applicationName);
    }

    Lsn flushed() throws SQLException {
        return position("SELECT pg_current_wal_flush_lsn()");
    }

    Lsn replayed() throws SQLException {
        return position("SELECT pg_last_wal_replay_lsn()");
    }

    /** The message gets a transaction id, so its commit is flushed, and everything before it with it. */
    Lsn marker(String run) throws SQLException {
        session.one("SELECT pg_logical_emit_message(true, 'sluice', ?)", row -> row.getString(1), run);
        return flushed();
    }

    boolean checkpoint() throws SQLException {
        return session.call(CHECKPOINT, open -> {
            try (Statement statement = open.createStatement()) {
                return statement.execute("CHECKPOINT");
            }
        });
    }

    boolean reload() throws SQLException {
        return session.one("SELECT pg_reload_conf()", row -> row.getBoolean(1));
    }

    Duration walSenderTimeout() throws SQLException {
        return Duration.ofMillis(session.one(
                "SELECT setting FROM pg_settings WHERE name = 'wal_sender_timeout'", row -> row.getLong(1)));
    }

    boolean promote() throws SQLException {
        return session.one(
                "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(false) ELSE true END", row -> row.getBoolean(1));
    }

    int preparedTransactions() throws SQLException {
        return session.one("SELECT count(*) FROM pg_prepared_xacts", row -> row.getInt(1));
    }

    /** Tells whether it was not there before. */
    boolean makeSlot(String slot) throws SQLException {
        return session.first(
                        "SELECT pg_create_physical_replication_slot(?, true)::text"
                                + " WHERE NOT EXISTS (SELECT 1 FROM pg_replication_slots WHERE slot_name = ?)",
                        row -> row.getString(1),
                        slot,
                        slot)
                != null;
    }

    /** Tells whether it was there. */
    boolean dropSlot(String slot) throws SQLException {
        return session.first(
                        "SELECT slot_name, pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots"
                                + " WHERE slot_name = ? AND slot_type = 'physical'",
                        row -> row.getString(1),
                        slot)
                != null;
    }

    private Lsn position(String sql) throws SQLException {
        return session.one(sql, row -> {
            Lsn position = lsn(row.getString(1));
            if (position == null) {
                throw new SQLException("it has none yet");
            }
            return position;
        });
    }

    /** To reach another server than the one whose files are changed would be the worst of mistakes. */
    private void prepare(Connection open) throws SQLException {
        try (Statement statement = open.createStatement()) {
            // Nobody's default may make the marker wait for a third server, or leave it unflushed.
            statement.execute("SET synchronous_commit = local");
            try (ResultSet row = statement.executeQuery("SELECT current_setting('data_directory')")) {
                row.next();
                String shown = row.getString(1);
                if (!shown.equals(site.data().toString()) && !shown.equals(postmaster.folder())) {
                    throw new SQLException("the server at " + site.url().address() + " has its data in " + shown
                            + ", but the site file says data = \"" + site.data() + "\"; correct one of the two");
                }
            }
        } catch (HostException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    private static @Nullable Lsn lsn(@Nullable String text) {
        return text == null ? null : Lsn.parse(text);
    }
}
