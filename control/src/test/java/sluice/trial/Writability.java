package sluice.trial;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import sluice.demo.Stage;
import sluice.testbed.PostgresNode;
import sluice.testbed.RedisNode;

/**
 * Watches all the time that never both sides accept writes, in Postgres and in Redis. A side is seen writable, then the
 * other one, then the first again: only when all three say yes were both writable at one time.
 */
final class Writability implements AutoCloseable {
    private static final long PERIOD_MILLIS = 15;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Postgres oldPostgres;
    private final Postgres newPostgres;
    private final Redis oldRedis;
    private final Redis newRedis;
    private final AtomicLong looks = new AtomicLong();

    Writability(Stage stage) {
        oldPostgres = new Postgres(stage.postgres().oldServer());
        newPostgres = new Postgres(stage.postgres().newServer());
        oldRedis = new Redis(stage.redis().oldServer());
        newRedis = new Redis(stage.redis().newServer());
        var unused = thread.scheduleWithFixedDelay(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Every time that both sides were writable. */
    List<String> violations() {
        return List.copyOf(seen);
    }

    /** How often it has looked. */
    long looks() {
        return looks.get();
    }

    private void look() {
        if (both(oldPostgres, newPostgres)) {
            seen.add("both Postgres accepted writes at " + Instant.now());
        }
        if (both(oldRedis, newRedis)) {
            seen.add("both Redis accepted writes at " + Instant.now());
        }
        looks.incrementAndGet();
    }

    private static boolean both(Server one, Server other) {
        return one.writable() && other.writable() && one.writable();
    }

    /** Ends the watching; nothing is looked at any more when it returns. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a look at four servers does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List.of(oldPostgres, newPostgres, oldRedis, newRedis).forEach(Server::close);
    }

    private interface Server {
        /** Whether a client's write would be accepted now. One that does not answer accepts none. */
        boolean writable();

        void close();
    }

    private static final class Postgres implements Server {
        private final PostgresNode node;
        private Connection connection;

        Postgres(PostgresNode node) {
            this.node = node;
        }

        @Override
        public boolean writable() {
            try {
                if (connection == null) {
                    connection = node.connect("postgres");
                }
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("SELECT NOT pg_is_in_recovery()")) {
                    return row.next() && row.getBoolean(1);
                }
            } catch (SQLException down) {
                close();
                return false;
            }
        }

        @Override
        public void close() {
            Connection closing = connection;
            connection = null;
            if (closing != null) {
                try {
                    closing.close();
                } catch (SQLException broken) {
                    // It was being given up.
                }
            }
        }
    }

    private static final class Redis implements Server {
        private static final int REFUSES = 99;

        private final RedisNode node;
        private Jedis jedis;

        Redis(RedisNode node) {
            this.node = node;
        }

        @Override
        public boolean writable() {
            try {
                if (jedis == null) {
                    jedis = node.connect();
                }
                boolean master = jedis.info("replication").contains("role:master");
                String needed = jedis.configGet("min-replicas-to-write").get("min-replicas-to-write");
                return master && Integer.parseInt(needed) < REFUSES;
            } catch (JedisException down) {
                close();
                return false;
            }
        }

        @Override
        public void close() {
            Jedis closing = jedis;
            jedis = null;
            if (closing != null) {
                try {
                    closing.close();
                } catch (JedisException broken) {
                    // It was being given up.
                }
            }
        }
    }
}
