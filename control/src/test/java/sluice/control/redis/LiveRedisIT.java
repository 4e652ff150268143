package sluice.control.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import sluice.control.host.LocalHost;
import sluice.control.redis.RedisServer.View;
import sluice.control.site.Site;
import sluice.testbed.Await;
import sluice.testbed.RedisNode;
import sluice.testbed.RedisPair;

/** On a real master and its real replica. */
class LiveRedisIT {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private RedisPair pair;
    private LiveRedis from;
    private LiveRedis to;

    @BeforeEach
    void start() throws Exception {
        pair = RedisPair.start();
        from = server(pair.oldServer());
        to = server(pair.newServer());
        from.open();
        to.open();
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
        pair.close();
    }

    @Test
    void theLockOutlivesKillAndLeavesTheReplicaAlone() throws Exception {
        View before = to.view();
        from.fence();
        from.fence();
        assertThat(from.view().fenced()).isTrue();
        assertThat(from.view().writable()).isFalse();
        refusesWrites(pair.oldServer());
        assertThat(to.view().runId()).isEqualTo(before.runId());
        assertThat(to.view().linkUp()).isTrue();
        assertThat(to.view().fenced()).isFalse();

        pair.oldServer().kill();
        assertThatThrownBy(from::view).isInstanceOf(RedisException.class);
        pair.oldServer().start();
        assertThat(from.view().fenced()).isTrue();
        refusesWrites(pair.oldServer());

        from.unfence();
        from.unfence();
        assertThat(from.view().writable()).isTrue();
        pair.oldServer().kill();
        pair.oldServer().start();
        assertThat(from.view().writable()).isTrue();
        try (Jedis jedis = pair.oldServer().connect()) {
            assertThat(jedis.lpush("queue", "job")).isEqualTo(1);
        }
    }

    @Test
    void aLockThatIsOnlyInMemoryIsNone() throws Exception {
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.configSet("min-replicas-to-write", "99");
        }
        assertThat(from.view().fenced()).isFalse();
        from.fence();
        assertThat(from.view().fenced()).isTrue();
    }

    @Test
    void theValuesFromBeforeComeBackAfterControlDied() throws Exception {
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.configSet("min-replicas-to-write", "1");
            // Turns the check off, under which 99 would be no lock at all.
            jedis.configSet("min-replicas-max-lag", "0");
            from.fence();
            refusesWrites(pair.oldServer());
            from.close();
            pair.oldServer().kill();
            pair.oldServer().start();
        }
        refusesWrites(pair.oldServer());
        LiveRedis another = server(pair.oldServer());
        another.unfence();
        another.close();
        try (Jedis jedis = pair.oldServer().connect()) {
            assertThat(jedis.configGet("min-replicas-to-write")).containsValue("1");
            assertThat(jedis.configGet("min-replicas-max-lag")).containsValue("0");
        }
    }

    @Test
    void theWayThereAndBack() throws Exception {
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.lpush("queue", "1", "2", "3");
        }
        long offset = from.mark("run-1");
        Await.until("the replica has the marker", BOUND, () -> offset(to) >= offset);
        assertThat(to.marked()).isEqualTo("run-1");
        assertThat(from.view().following()).isNull();
        assertThat(to.view().following()).isEqualTo(pair.oldServer().address());

        from.fence();
        long end = from.view().offset();
        assertThatThrownBy(() -> to.promote("of another start")).hasMessageContaining("restarted");
        assertThat(to.view().master()).isFalse();
        Await.until("the replica has all", BOUND, () -> offset(to) >= end);
        String runId = to.view().runId();
        to.promote(to.view().runId());
        to.promote(to.view().runId());
        assertThat(to.view().writable()).isTrue();
        assertThat(to.view().runId()).isEqualTo(runId);
        assertThat(from.view().writable()).isFalse();

        from.follow("127.0.0.1", pair.newServer().port());
        from.follow("127.0.0.1", pair.newServer().port());
        Await.until("the old one follows", BOUND, () -> linked(from));
        from.unfence();
        assertThat(from.view().writable()).isFalse();
        try (Jedis jedis = pair.newServer().connect();
                Jedis replica = pair.oldServer().connect()) {
            jedis.lpush("queue", "4");
            long after = to.view().offset();
            Await.until("the old one has it", BOUND, () -> offset(from) >= after);
            assertThat(replica.llen("queue")).isEqualTo(4);
        }
        // Both roles are on disk.
        pair.oldServer().kill();
        pair.newServer().kill();
        pair.newServer().start();
        pair.oldServer().start();
        assertThat(to.view().master()).isTrue();
        assertThat(from.view().master()).isFalse();
        assertThat(from.view().following()).isEqualTo(pair.newServer().address());
    }

    @Test
    void withAPasswordAndWithTheWrongOne() throws Exception {
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.configSet("requirepass", "secret");
        }
        var file = Files.createTempFile("sluice", ".password");
        try {
            Files.writeString(file, "secret\n");
            Site.Redis site = pair.oldServer().site(file);
            LiveRedis right = new LiveRedis(new LocalHost(), site);
            assertThat(right.view().master()).isTrue();
            right.close();
            Files.writeString(file, "guess\n");
            LiveRedis wrong = new LiveRedis(new LocalHost(), site);
            assertThatThrownBy(wrong::open).isInstanceOf(RedisException.class).hasMessageContaining("WRONGPASS");
            wrong.close();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aReplicaThatTakesWritesIsNotMade() throws Exception {
        to.promote(to.view().runId());
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.configSet("replica-read-only", "no");
        }
        assertThatThrownBy(() -> from.follow("127.0.0.1", pair.newServer().port()))
                .hasMessageContaining("replica-read-only");
        assertThat(from.view().master()).isTrue();
        assertThat(from.rewritable()).isTrue();
    }

    private static void refusesWrites(RedisNode node) {
        try (Jedis jedis = node.connect()) {
            assertThatThrownBy(() -> jedis.lpush("queue", "job")).hasMessageContaining("NOREPLICAS");
            assertThatThrownBy(() -> jedis.eval("return redis.call('lpush', 'queue', 'job')"))
                    .hasMessageContaining("NOREPLICAS");
        }
    }

    private static long offset(LiveRedis server) {
        try {
            return server.view().offset();
        } catch (RedisException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean linked(LiveRedis server) {
        try {
            View view = server.view();
            return !view.master() && view.linkUp() && !view.syncing();
        } catch (RedisException e) {
            throw new IllegalStateException(e);
        }
    }

    private static LiveRedis server(RedisNode node) {
        return new LiveRedis(new LocalHost(), node.site(null));
    }
}
