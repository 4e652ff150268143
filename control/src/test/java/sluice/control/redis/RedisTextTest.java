package sluice.control.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import sluice.control.redis.LiveRedis.Fence;
import sluice.control.redis.RedisServer.View;

/** What is read from Redis's texts, and the numbers that are a fence. */
class RedisTextTest {
    private static final String SERVER = "# Server\r\nrun_id:abc\r\nconfig_file:/etc/redis/redis.conf\r\n";

    @Test
    void aMasterAndAReplicaAreRead() {
        assertThat(RedisInfo.parse(SERVER + "# Replication\r\nrole:master\r\nmaster_repl_offset:1234\r\n")
                        .view(true))
                .isEqualTo(new View(true, "abc", 1234, false, false, true, null));
        String replica = SERVER + "role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\n"
                + "master_link_status:up\r\nmaster_sync_in_progress:0\r\nslave_repl_offset:99\r\nmaster_repl_offset:98\r\n";
        assertThat(RedisInfo.parse(replica).view(false))
                .isEqualTo(new View(false, "abc", 99, true, false, false, "10.0.0.1:6379"));
        assertThat(RedisInfo.parse(replica.replace("progress:0", "progress:1").replace("status:up", "status:down"))
                        .view(false))
                .isEqualTo(new View(false, "abc", 99, false, true, false, "10.0.0.1:6379"));
        assertThatThrownBy(() -> RedisInfo.parse(SERVER).view(false)).hasMessageContaining("no role");
        assertThatThrownBy(() -> RedisInfo.parse(SERVER + "role:sentinel\r\n").view(false))
                .hasMessageContaining("unknown role");
    }

    @Test
    void theFenceKeepsWhatWasThereBefore() {
        for (int toWrite : new int[] {0, 1, 2, 50}) {
            for (int lag : new int[] {0, 1, 10, 3600}) {
                Fence before = new Fence(toWrite, lag);
                assertThat(before.closed()).isFalse();
                assertThat(before.close().closed()).isTrue();
                assertThat(before.close().open()).isEqualTo(before);
            }
        }
        assertThat(new Fence(0, 10).close().toWrite()).isEqualTo(99);
        // Without a lag the check is off, whatever the number.
        assertThat(new Fence(99, 0).closed()).isFalse();
    }

    @Test
    void theFenceIsReadFromMemoryAndFromTheFile() {
        assertThat(Fence.of(Map.of("min-replicas-to-write", "99", "min-replicas-max-lag", "10")))
                .isEqualTo(new Fence(99, 10));
        assertThatThrownBy(() -> Fence.of(Map.of())).hasMessageContaining("min-replicas-to-write");
        assertThat(Fence.ofFile("port 1\nmin-replicas-to-write 99\n")).isEqualTo(new Fence(99, 10));
        assertThat(Fence.ofFile("# min-replicas-to-write 99\n")).isEqualTo(new Fence(0, 10));
        assertThat(Fence.ofFile("min-slaves-to-write 3\nmin-replicas-to-write 4\n  min-replicas-max-lag 7\n"))
                .isEqualTo(new Fence(4, 7));
    }
}
