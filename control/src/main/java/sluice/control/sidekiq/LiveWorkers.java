package sluice.control.sidekiq;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import redis.clients.jedis.Jedis;
import sluice.control.host.Systemd;
import sluice.control.redis.RedisException;
import sluice.control.redis.RedisLink;

/**
 * Real Sidekiq (6.4 to 8): its processes as they describe themselves in Redis ({@code processes}, and a hash for each, which
 * runs out a minute after the last beat), its units through systemd.
 */
public final class LiveWorkers implements Workers {
    /** More than the 25 s in which Sidekiq gives back what it could not finish; Mastodon's units allow 15 s and lose it. */
    private static final Duration STOP = Duration.ofSeconds(60);

    private final String name;
    private final Systemd systemd;
    private final RedisLink redis;
    private final List<String> units;

    public LiveWorkers(String side, Systemd systemd, RedisLink redis, List<String> units) {
        this.name = side + " Sidekiq";
        this.systemd = systemd;
        this.redis = redis;
        this.units = List.copyOf(units);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> units() {
        return units;
    }

    @Override
    public List<String> missing() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String unit : units) {
            if (!systemd.exists(unit)) {
                missing.add(unit);
            }
        }
        return missing;
    }

    @Override
    public List<String> running() throws IOException {
        List<String> running = new ArrayList<>();
        for (String unit : units) {
            if (systemd.active(unit)) {
                running.add(unit);
            }
        }
        return running;
    }

    @Override
    public List<Worker> seen() throws RedisException {
        return redis.question("tell who works on its jobs", jedis -> {
            List<Worker> seen = new ArrayList<>();
            for (String identity : jedis.smembers("processes")) {
                // Without its hash it ended a minute ago or more, and could not say goodbye.
                if (jedis.exists(identity)) {
                    seen.add(worker(jedis, identity));
                }
            }
            return seen;
        });
    }

    private static Worker worker(Jedis jedis, String identity) {
        List<String> hash = jedis.hmget(identity, "beat", "quiet", "busy");
        String[] parts = identity.split(":", -1);
        // The jobs in hand have a hash of their own, which is older than the count in hand by one beat at most.
        int inHand = (int) Math.max(jedis.hlen(identity + ":work"), jedis.hlen(identity + ":workers"));
        return new Worker(
                identity,
                parts.length < 3 ? 0 : number(parts[parts.length - 2]),
                hash.get(0) == null ? "" : hash.get(0),
                "true".equals(hash.get(1)),
                Math.max(inHand, hash.get(2) == null ? 1 : (int) number(hash.get(2))));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a Sidekiq process says \"" + text + "\" where a number should be", e);
        }
    }

    @Override
    public List<Worker> strangers() throws IOException {
        Set<Long> ours = new HashSet<>();
        for (String unit : units) {
            ours.add(systemd.mainPid(unit));
        }
        return seen().stream().filter(worker -> !ours.contains(worker.pid())).toList();
    }

    @Override
    public void quiet() throws IOException {
        for (String unit : running()) {
            systemd.patient(unit, STOP);
            systemd.signal(unit, "TSTP");
        }
    }

    @Override
    public void bar() throws IOException {
        for (String unit : units) {
            systemd.bar(unit, STOP);
        }
    }

    @Override
    public boolean barred() throws IOException {
        for (String unit : units) {
            if (systemd.active(unit) || !systemd.barred(unit)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void start(List<String> which) throws IOException {
        for (String unit : which) {
            systemd.restart(unit, STOP);
        }
    }

    @Override
    public void close() {
        redis.close();
    }
}
