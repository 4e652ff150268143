package sluice.control.sidekiq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import sluice.control.host.Host;
import sluice.control.host.Systemd;
import sluice.control.redis.RedisLink;
import sluice.testbed.Await;
import sluice.testbed.Machine;
import sluice.testbed.RedisNode;
import sluice.testbed.RedisPair;

/** A real Sidekiq as a unit of a real systemd, with jobs in a real Redis. */
class LiveWorkersIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String UNIT = "mastodon-sidekiq.service";

    private RedisPair pair;
    private Machine machine;
    private Host host;
    private LiveWorkers workers;

    @BeforeEach
    void start() throws Exception {
        assumeThat(Machine.possible()).as("namespaces and mounts").isTrue();
        pair = RedisPair.start(List.of());
        machine = Machine.boot("old");
        host = machine.host();
        RedisNode redis = pair.oldServer();
        try (InputStream jobs = getClass().getResourceAsStream("/sluice/control/sidekiq/jobs.rb")) {
            host.writeDurably(Path.of("/srv/jobs.rb"), new String(jobs.readAllBytes(), StandardCharsets.UTF_8));
        }
        // As Mastodon's own, where it matters: the time to stop and the restart.
        host.writeDurably(
                Path.of("/etc/systemd/system/" + UNIT),
                String.join(
                        "\n",
                        "[Service]",
                        "Type=simple",
                        "Environment=REDIS_URL=redis://" + redis.address() + "/0",
                        "ExecStart=/usr/bin/sidekiq -c 3 -r /srv/jobs.rb",
                        "TimeoutSec=15",
                        "Restart=always",
                        ""));
        systemctl("daemon-reload");
        systemctl("start", UNIT);
        workers = new LiveWorkers("old", new Systemd(host), new RedisLink(host, redis.site(null)), List.of(UNIT));
        Await.until("Sidekiq works", BOUND, () -> seen().size() == 1);
    }

    @AfterEach
    void end() {
        if (workers != null) {
            workers.close();
        }
        if (machine != null) {
            machine.close();
        }
        if (pair != null) {
            pair.close();
        }
    }

    @Test
    void aBusySidekiqBecomesIdleIsBarredAndGoesOn() throws Exception {
        assertThat(workers.missing()).isEmpty();
        assertThat(workers.running()).containsExactly(UNIT);
        assertThat(workers.strangers()).isEmpty();
        assertThat(workers.barred()).isFalse();

        // More than can be done at a time, and longer than the unit's own time to stop.
        enqueue(1, 6, 16);
        Await.until("jobs are in hand", BOUND, () -> seen().get(0).busy() == 3);
        workers.quiet();
        Await.until("no job is in hand", BOUND, () -> seen().stream().allMatch(Worker::idle));
        workers.bar();
        assertThat(workers.barred()).isTrue();
        assertThat(workers.running()).isEmpty();
        assertThat(seen()).isEmpty();
        assertThat(done()).as("what was in hand is done, the others wait").hasSize(3);

        // Whoever starts it now starts nothing.
        systemctl("start", UNIT);
        assertThat(workers.running()).isEmpty();

        workers.start(List.of(UNIT));
        assertThat(workers.barred()).isFalse();
        enqueue(7, 7, 0);
        Await.until("every job is done", BOUND, () -> done().size() == 7);
        assertThat(done()).as("and once").containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "7");
    }

    @Test
    void aProcessOfNoUnitIsAStranger() throws Exception {
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.sadd("processes", "elsewhere:1:abc", "ended:2:abc");
            jedis.hset("elsewhere:1:abc", java.util.Map.of("beat", "1.5", "quiet", "false", "busy", "2"));
        }
        assertThat(workers.strangers()).containsExactly(new Worker("elsewhere:1:abc", 1, "1.5", false, 2));
        assertThat(new LiveWorkers(
                                "old",
                                new Systemd(host),
                                new RedisLink(host, pair.oldServer().site(null)),
                                List.of("mastodon-sidekik.service"))
                        .missing())
                .containsExactly("mastodon-sidekik.service");
    }

    private void enqueue(int first, int last, int seconds) {
        try (Jedis jedis = pair.oldServer().connect()) {
            jedis.sadd("queues", "default");
            IntStream.rangeClosed(first, last)
                    .forEach(number -> jedis.lpush(
                            "queue:default",
                            "{\"class\":\"Chore\",\"args\":[" + number + "," + seconds + "],\"retry\":false,"
                                    + "\"queue\":\"default\",\"jid\":\"chore" + number
                                    + "\",\"created_at\":1,\"enqueued_at\":1}"));
        }
    }

    private List<String> done() {
        try (Jedis jedis = pair.oldServer().connect()) {
            return jedis.lrange("chores", 0, -1);
        }
    }

    private List<Worker> seen() {
        try {
            return workers.seen();
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void systemctl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(List.of(arguments));
        Host.Output output = host.run("root", BOUND, command);
        assertThat(output.exitCode()).as(output.err()).isZero();
    }
}
