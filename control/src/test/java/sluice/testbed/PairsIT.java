package sluice.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** The testbed itself: what the other tests take for granted. */
class PairsIT {
    @Test
    void postgresPairReplicatesSurvivesKillAndIsRemoved() throws Exception {
        PostgresPair pair = PostgresPair.start();
        try (pair) {
            try (var connection = pair.oldServer().connect("mastodon");
                    var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE t (id int)");
                statement.execute("INSERT INTO t VALUES (7)");
            }
            pair.oldServer().kill();
            assertThat(pair.oldServer().isRunning()).isFalse();
            pair.oldServer().start();
            pair.awaitStreaming();
            Await.until("the row is there", Duration.ofSeconds(10), () -> {
                try {
                    return "7".equals(pair.newServer().query("SELECT id FROM t"));
                } catch (java.sql.SQLException e) {
                    return false;
                }
            });
            assertThat(pair.newServer().query("SELECT pg_is_in_recovery()")).isEqualTo("t");
            assertThat(pair.oldServer().query("SELECT slot_name FROM pg_replication_slots WHERE active"))
                    .isEqualTo("sluice_new");
        }
        assertThat(pair.oldServer().data()).doesNotExist();
        assertThat(pair.newServer().isRunning()).isFalse();
    }

    @Test
    void redisPairReplicatesAndKeepsAcknowledgedWritesAcrossKill() {
        try (RedisPair pair = RedisPair.start()) {
            try (Jedis jedis = pair.oldServer().connect()) {
                jedis.lpush("queue", "a", "b");
                assertThat(jedis.waitReplicas(1, 5000)).isEqualTo(1);
            }
            pair.oldServer().kill();
            pair.oldServer().start();
            try (Jedis jedis = pair.oldServer().connect()) {
                assertThat(jedis.llen("queue")).isEqualTo(2);
                assertThat(jedis.role().get(0)).asString().isNotEmpty();
            }
            pair.awaitLink();
            try (Jedis jedis = pair.newServer().connect()) {
                assertThat(jedis.llen("queue")).isEqualTo(2);
            }
        }
    }
}
