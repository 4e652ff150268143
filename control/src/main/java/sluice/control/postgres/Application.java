package sluice.control.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.control.site.PostgresUrl;

/**
 * The application's own way in: its role, its password, its database. Opened while the server is still a standby; the
 * session becomes writable by promotion, as the application's own do.
 */
final class Application {
    /** A small table that the application may read and write, quoted; the one with the fewest pages is quickest. */
    private static final String SMALL_TABLE = "SELECT format('%I.%I', n.nspname, c.relname)"
            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relpages > 0"
            + " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'"
            + " AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')"
            + " AND has_table_privilege(c.oid, 'UPDATE')"
            + " ORDER BY c.relpages, c.oid LIMIT 1";

    private final PostgresUrl url;
    private final Session session;
    private @Nullable String table;

    Application(PostgresUrl url, Duration bound) {
        this.url = url;
        session = new Session(url, bound, open -> {});
    }

    /** Tells whether the application has a table to try with. */
    boolean open() throws SQLException {
        table = session.first(SMALL_TABLE, row -> row.getString(1));
        return table != null;
    }

    void close() {
        session.close();
    }

    /**
     * A transaction that gets an id, writes to the log and is flushed at its commit, and in it a row of the
     * application's own smallest table is locked for update, which is a write to that table that changes nothing.
     * Nothing is left behind but a message in the log that nobody reads.
     */
    boolean verify(String run) throws SQLException {
        if (table == null) {
            open();
        }
        return session.call(open -> {
            open.setAutoCommit(false);
            try {
                String transaction = written(open, run);
                open.commit();
                requireCommitted(open, transaction);
                open.rollback();
                return true;
            } catch (SQLException | RuntimeException e) {
                rollback(open, e);
                throw e;
            } finally {
                if (!open.isClosed()) {
                    open.setAutoCommit(true);
                }
            }
        });
    }

    private String written(Connection open, String run) throws SQLException {
        String transaction;
        try (PreparedStatement statement =
                open.prepareStatement("SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),"
                        + " pg_current_xact_id()::text, pg_logical_emit_message(true, 'sluice', ?)")) {
            statement.setString(1, "verify " + run);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getBoolean(1) || !"off".equals(row.getString(2))) {
                    throw new SQLException("sessions of " + url.user() + " are read-only: in recovery "
                            + row.getBoolean(1) + ", transaction_read_only " + row.getString(2));
                }
                transaction = row.getString(3);
            }
        }
        if (table != null) {
            try (Statement statement = open.createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT * FROM " + table + " LIMIT 1 FOR UPDATE SKIP LOCKED")) {
                rows.next();
            }
        }
        return transaction;
    }

    private static void requireCommitted(Connection open, String transaction) throws SQLException {
        try (PreparedStatement statement = open.prepareStatement("SELECT pg_xact_status(?::xid8)")) {
            statement.setString(1, transaction);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (!"committed".equals(row.getString(1))) {
                    throw new SQLException(
                            "transaction " + transaction + " is " + row.getString(1) + " after its commit");
                }
            }
        }
    }

    private static void rollback(Connection open, Exception cause) {
        try {
            if (!open.isClosed()) {
                open.rollback();
            }
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
