package sluice.testbed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;

/**
 * A Redis master ({@link #oldServer}) and its replica ({@link #newServer}), each with its own configuration file and an
 * append-only file that is fsynced at every write. {@link #close} kills both and removes all files; so does the end of
 * the JVM, unless it is killed.
 */
public final class RedisPair implements AutoCloseable {
    private final TestFolder folder = new TestFolder("sluice-redis", this::stop);
    private final RedisNode oldServer;
    private final RedisNode newServer;

    private RedisPair() {
        oldServer = new RedisNode("old", folder.path(), FreePorts.next());
        newServer = new RedisNode("new", folder.path(), FreePorts.next());
    }

    /** A pair that is up, the replica in step. */
    public static RedisPair start() {
        return start(List.of());
    }

    /** The same with further lines in both configurations; later ones win. */
    public static RedisPair start(List<String> settings) {
        RedisPair pair = new RedisPair();
        try {
            pair.oldServer.configure(settings);
            List<String> following = new ArrayList<>(settings);
            following.add("replicaof 127.0.0.1 " + pair.oldServer.port());
            pair.newServer.configure(following);
            pair.oldServer.start();
            pair.newServer.start();
            pair.awaitLink();
            return pair;
        } catch (RuntimeException e) {
            pair.close();
            throw e;
        }
    }

    /** The master at first. */
    public RedisNode oldServer() {
        return oldServer;
    }

    /** The replica at first. */
    public RedisNode newServer() {
        return newServer;
    }

    /** Both instances' tables of the site file. */
    public String siteToml() {
        return oldServer.siteToml() + "\n" + newServer.siteToml();
    }

    /** Waits until the new instance's link to the old one is up. */
    public void awaitLink() {
        try (Jedis jedis = newServer.connect()) {
            Await.until(
                    "the replica is linked",
                    Duration.ofSeconds(30),
                    () -> jedis.info("replication").contains("master_link_status:up"));
        }
    }

    @Override
    public void close() {
        folder.close();
    }

    private void stop() {
        try {
            newServer.close();
        } finally {
            oldServer.close();
        }
    }
}
