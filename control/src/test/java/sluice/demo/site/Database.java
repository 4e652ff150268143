package sluice.demo.site;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;

/**
 * The site's statuses in Postgres, over a fixed number of sessions that are opened at the start. A session that was
 * opened on a hot standby becomes writable by promotion. A session that broke while it was idle is replaced before it is used,
 * as ActiveRecord does; one that breaks in the middle of a request fails that request. Nothing is tried twice.
 */
final class Database implements AutoCloseable {
    /** A row of the timeline. */
    record Status(long id, String token, String text, String noted) {}

    private final String url;
    private final BlockingDeque<Session> idle = new LinkedBlockingDeque<>();
    private final List<Session> all = new ArrayList<>();

    Database(String url, int sessions) throws SQLException {
        this.url = url;
        for (int i = 0; i < sessions; i++) {
            Session session = new Session();
            session.connect();
            all.add(session);
            idle.add(session);
        }
    }

    /** Inserts a row and returns its id; when this returns, the row is committed. */
    long insert(String token, String text) throws SQLException, InterruptedException {
        return with(session -> {
            session.insert.setString(1, token);
            session.insert.setString(2, text);
            try (ResultSet row = session.insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    /** The last rows, newest first. */
    List<Status> latest() throws SQLException, InterruptedException {
        return with(session -> {
            List<Status> found = new ArrayList<>();
            try (ResultSet rows = session.latest.executeQuery()) {
                while (rows.next()) {
                    found.add(new Status(rows.getLong(1), rows.getString(2), rows.getString(3), rows.getString(4)));
                }
            }
            return found;
        });
    }

    private <T> T with(Work<T> work) throws SQLException, InterruptedException {
        Session session = idle.takeFirst();
        try {
            session.connect();
            return work.on(session);
        } finally {
            idle.addFirst(session);
        }
    }

    /** Call when no request runs any more. */
    @Override
    public void close() {
        all.forEach(Session::drop);
    }

    private interface Work<T> {
        T on(Session session) throws SQLException;
    }

    /** One session with its statements; used by one thread at a time. */
    private final class Session {
        private Connection connection;
        private PreparedStatement insert;
        private PreparedStatement latest;

        /** A session that was broken while it was idle is replaced, as ActiveRecord verifies one at checkout. */
        void connect() throws SQLException {
            dropIfBroken();
            if (connection != null) {
                return;
            }
            connection = DriverManager.getConnection(url);
            insert = connection.prepareStatement("insert into statuses (token, text) values (?, ?) returning id");
            latest = connection.prepareStatement(
                    "select id, token, text, noted from statuses order by id desc limit 20");
        }

        void dropIfBroken() {
            try {
                if (connection != null && connection.isValid(1)) {
                    return;
                }
            } catch (SQLException e) {
                // Only a negative bound is refused here; in any case this session is not to be trusted.
            }
            drop();
        }

        void drop() {
            try {
                if (connection != null) {
                    connection.close();
                }
            } catch (SQLException e) {
                // It was broken before; there is nothing left to release.
            } finally {
                connection = null;
            }
        }
    }
}
