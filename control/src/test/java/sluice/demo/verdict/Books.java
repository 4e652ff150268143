package sluice.demo.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;

/** Creates the site's table, and reads what a side's Postgres and Redis hold. */
public final class Books {
    /**
     * No uniqueness beyond the key: a constraint would hide a doubled write. Each row notes when it was written and on
     * which timeline of the log, which is another one after a promotion.
     */
    private static final String TABLE = """
            create table statuses (
                id bigserial primary key,
                token text not null,
                text text not null,
                noted timestamptz not null default clock_timestamp(),
                timeline text not null default substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
            )
            """;

    private static final String GAP = """
            select extract(epoch from
                min(noted) filter (where timeline > (select min(timeline) from statuses))
                - max(noted) filter (where timeline = (select min(timeline) from statuses))) * 1000
            from statuses
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    private Books() {}

    /** Creates the table as its owner, the application. */
    public static void create(String jdbcUrl) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
        }
    }

    public static List<Stored> rows(String jdbcUrl) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select token, id from statuses")) {
            List<Stored> found = new ArrayList<>();
            while (rows.next()) {
                found.add(new Stored(rows.getString(1), rows.getLong(2)));
            }
            return found;
        }
    }

    public static List<Stored> jobs(Jedis jedis) throws IOException {
        List<Stored> found = new ArrayList<>();
        for (String job : jedis.lrange("queue:default", 0, -1)) {
            JsonNode read = JSON.readTree(job);
            found.add(new Stored(
                    read.path("token").asText(), read.path("args").path(0).asLong()));
        }
        return found;
    }

    /**
     * Milliseconds between the last row that was written before the promotion and the first one after it, by the
     * database's own clock; null when one of the two is missing.
     */
    public static Double writeGapMillis(String jdbcUrl) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(GAP)) {
            row.next();
            double gap = row.getDouble(1);
            return row.wasNull() ? null : gap;
        }
    }
}
