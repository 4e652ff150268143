package sluice.control.postgres;

import java.net.SocketTimeoutException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import sluice.control.site.PostgresUrl;

/**
 * One JDBC connection, opened ahead of time and anew when it broke. Each statement is its own transaction unless the
 * work itself says otherwise. One thread at a time.
 */
final class Session {
    private static final Executor HERE = Runnable::run;

    private final PostgresUrl url;
    private final Duration bound;
    private final Setup setup;
    private @Nullable Connection connection;

    /** What is done with a connection. */
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** What is done with a new connection before anything else; it fails when this is not the right server. */
    interface Setup {
        void with(Connection connection) throws SQLException;
    }

    /** @param bound of connecting, and of each answer */
    Session(PostgresUrl url, Duration bound, Setup setup) {
        this.url = url;
        this.bound = bound;
        this.setup = setup;
    }

    /**
     * Does the work; when a connection from before turns out to be broken, once more on a new one. So the work must be
     * safe to repeat. A server that does not answer in time is not asked again.
     */
    synchronized <T> T call(Work<T> work) throws SQLException {
        boolean reused = connection != null;
        try {
            return work.with(connected());
        } catch (SQLException e) {
            if (!broken(e)) {
                throw e;
            }
            close();
            if (!reused || timedOut(e)) {
                throw e;
            }
        }
        try {
            return work.with(connected());
        } catch (SQLException e) {
            if (broken(e)) {
                close();
            }
            throw e;
        }
    }

    /** The same with another bound for an answer. */
    synchronized <T> T call(Duration answer, Work<T> work) throws SQLException {
        return call(open -> {
            open.setNetworkTimeout(HERE, Math.toIntExact(answer.toMillis()));
            try {
                return work.with(open);
            } finally {
                if (!open.isClosed()) {
                    open.setNetworkTimeout(HERE, Math.toIntExact(bound.toMillis()));
                }
            }
        });
    }

    /** The first row of a query, which must have one. */
    <T> T one(String sql, Row<T> row, Object... parameters) throws SQLException {
        T found = first(sql, row, parameters);
        if (found == null) {
            throw new SQLException("no row from: " + sql);
        }
        return found;
    }

    /** The first row of a query, or null. */
    <T> @Nullable T first(String sql, Row<T> row, Object... parameters) throws SQLException {
        // NullAway has no nullable type argument for call.
        Object[] found = call(open -> {
            try (PreparedStatement statement = open.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? new Object[] {row.of(rows)} : new Object[0];
                }
            }
        });
        if (found.length == 0) {
            return null;
        }
        @SuppressWarnings("unchecked")
        T value = (T) found[0];
        return value;
    }

    /** What is made of a row. */
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Drops the connection, without waiting for a server that may not answer. */
    synchronized void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.abort(HERE);
            } catch (SQLException e) {
                // It is dropped either way.
            }
        }
    }

    private Connection connected() throws SQLException {
        Connection open = connection;
        if (open != null) {
            return open;
        }
        Connection made = DriverManager.getConnection(jdbc(url), properties());
        try {
            made.setNetworkTimeout(HERE, Math.toIntExact(bound.toMillis()));
            setup.with(made);
        } catch (SQLException e) {
            made.abort(HERE);
            throw e;
        }
        connection = made;
        return made;
    }

    private static String jdbc(PostgresUrl url) {
        return "jdbc:postgresql://" + url.address() + "/"
                + URLEncoder.encode(url.database(), StandardCharsets.UTF_8)
                + (url.parameters().isEmpty() ? "" : "?" + url.parameters());
    }

    private Properties properties() {
        long seconds = Math.max(1, bound.toSeconds());
        Properties properties = new Properties();
        properties.setProperty("user", url.user());
        if (url.password() != null) {
            properties.setProperty("password", url.password());
        }
        properties.setProperty("ApplicationName", "sluice");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", Long.toString(seconds));
        properties.setProperty("loginTimeout", Long.toString(seconds));
        properties.setProperty("socketTimeout", Long.toString(seconds));
        return properties;
    }

    private static boolean broken(SQLException e) {
        String state = e.getSQLState();
        // 08: connection; 57P01 to 57P03: shut down, crash, not yet.
        return state == null || state.startsWith("08") || state.startsWith("57P0");
    }

    private static boolean timedOut(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }
}
