package sluice.control.redis;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;
import sluice.control.host.Host;
import sluice.control.host.Host.HostException;
import sluice.control.site.Site;

/**
 * A real Redis (6.2 or newer) through one {@link RedisLink}. Only {@link #view} and {@link #marked}, which change nothing,
 * are asked again on a new connection when the old one was broken. One thread at a time.
 *
 * <p>Its user may do everything ({@code CONFIG}, {@code REPLICAOF}). Its configuration file is read through {@code host}:
 * no command tells what is on disk.
 */
public final class LiveRedis implements RedisServer {
    private static final String NONCE = "sluice:nonce";
    private static final long DAY_SECONDS = 86_400;

    private final Host host;
    private final RedisLink link;

    public LiveRedis(Host host, Site.Redis site) {
        this.host = host;
        this.link = new RedisLink(host, site);
    }

    @Override
    public String name() {
        return link.name();
    }

    @Override
    public void open() throws RedisException {
        attempt("open a connection", jedis -> jedis.ping());
    }

    @Override
    public View view() throws RedisException {
        return question("tell what it is", jedis -> {
            RedisInfo info = RedisInfo.parse(jedis.info());
            Fence fence = Fence.of(jedis.configGet("min-replicas-*"));
            return info.view(fence.closed() && closedOnDisk(info.configFile(), fence));
        });
    }

    @Override
    public boolean rewritable() throws RedisException {
        return !question(
                        "tell its configuration file",
                        jedis -> RedisInfo.parse(jedis.info()).configFile())
                .isEmpty();
    }

    @Override
    public long mark(String run) throws RedisException {
        return attempt("write a marker", jedis -> {
            jedis.set(NONCE, run, SetParams.setParams().ex(DAY_SECONDS));
            return RedisInfo.parse(jedis.info("replication")).offset();
        });
    }

    @Override
    public @Nullable String marked() throws RedisException {
        String found = question("read the marker", jedis -> {
            String value = jedis.get(NONCE);
            return value == null ? "" : value;
        });
        return found.isEmpty() ? null : found;
    }

    @Override
    public void fence() throws RedisException {
        attempt("lock it", jedis -> {
            Fence fence = Fence.of(jedis.configGet("min-replicas-*"));
            if (!fence.closed()) {
                set(jedis, fence.close());
            }
            return jedis.configRewrite();
        });
    }

    @Override
    public void unfence() throws RedisException {
        attempt("unlock it", jedis -> {
            Fence fence = Fence.of(jedis.configGet("min-replicas-*"));
            if (fence.closed()) {
                set(jedis, fence.open());
            }
            return jedis.configRewrite();
        });
    }

    @Override
    public void promote(String runId) throws RedisException {
        attempt("promote it", jedis -> {
            String now = RedisInfo.parse(jedis.info()).runId();
            if (!now.equals(runId)) {
                throw new RedisException(name() + " was restarted since it was compared (run_id " + now + ", not "
                        + runId + "), so it stays a replica");
            }
            jedis.replicaofNoOne();
            return jedis.configRewrite();
        });
    }

    /** Its {@code masterauth} must be right already. Refuses when clients could write to it as a replica. */
    @Override
    public void follow(String master, int port) throws RedisException {
        attempt("make it follow " + master + ":" + port, jedis -> {
            if (!"yes".equals(jedis.configGet("replica-read-only").get("replica-read-only"))) {
                throw new RedisException(
                        name() + " has replica-read-only no, so as a replica it would accept writes that"
                                + " nobody else sees; set it to yes");
            }
            jedis.replicaof(master, port);
            return jedis.configRewrite();
        });
    }

    @Override
    public void close() {
        link.close();
    }

    /** The lag first: while it is 0 the number of replicas means nothing. */
    private static void set(Jedis jedis, Fence fence) {
        if (fence.closed()) {
            jedis.configSet("min-replicas-max-lag", Integer.toString(fence.maxLag()));
            jedis.configSet("min-replicas-to-write", Integer.toString(fence.toWrite()));
        } else {
            jedis.configSet("min-replicas-to-write", Integer.toString(fence.toWrite()));
            jedis.configSet("min-replicas-max-lag", Integer.toString(fence.maxLag()));
        }
    }

    private boolean closedOnDisk(String configFile, Fence fence) throws HostException {
        return !configFile.isEmpty()
                && Fence.ofFile(host.read(Path.of(configFile))).equals(fence);
    }

    private <T> T question(String what, RedisLink.Commands<T> commands) throws RedisException {
        return link.question(what, commands);
    }

    private <T> T attempt(String what, RedisLink.Commands<T> commands) throws RedisException {
        return link.attempt(what, commands);
    }

    /**
     * What makes a master refuse writes: it wants more replicas than it will ever have, at once, without a timer, and
     * after a restart too. The values from before are part of the numbers themselves, so they are wherever the fence is,
     * and nothing else has to survive: 99 is a fence over 0, 199 one over 1, and so on.
     *
     * @param toWrite {@code min-replicas-to-write}
     * @param maxLag {@code min-replicas-max-lag} in seconds; 0 turns the whole check off
     */
    record Fence(int toWrite, int maxLag) {
        private static final int CLOSED = 99;
        private static final int FACTOR = 100;
        private static final int DEFAULT_LAG = 10;
        /** Stands for a lag of 0, under which there would be no fence. */
        private static final int LAG_WAS_ZERO = 999_999;

        static Fence of(Map<String, String> config) {
            return new Fence(number(config, "min-replicas-to-write"), number(config, "min-replicas-max-lag"));
        }

        /** As a server would start with this configuration file. */
        static Fence ofFile(String file) {
            int toWrite = 0;
            int maxLag = DEFAULT_LAG;
            for (String line : file.split("\n", -1)) {
                String[] words = line.strip().split("\\s+", -1);
                if (words.length != 2) {
                    continue;
                }
                switch (words[0]) {
                    case "min-replicas-to-write", "min-slaves-to-write" -> toWrite = Integer.parseInt(words[1]);
                    case "min-replicas-max-lag", "min-slaves-max-lag" -> maxLag = Integer.parseInt(words[1]);
                    default -> {}
                }
            }
            return new Fence(toWrite, maxLag);
        }

        boolean closed() {
            return toWrite % FACTOR == CLOSED && maxLag > 0;
        }

        Fence close() {
            return new Fence(toWrite * FACTOR + CLOSED, maxLag == 0 ? LAG_WAS_ZERO : maxLag);
        }

        Fence open() {
            return new Fence(toWrite / FACTOR, maxLag == LAG_WAS_ZERO ? 0 : maxLag);
        }

        private static int number(Map<String, String> config, String key) {
            String value = config.get(key);
            if (value == null) {
                throw new IllegalArgumentException("CONFIG GET shows no " + key);
            }
            return Integer.parseInt(value);
        }
    }
}
