package sluice.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import sluice.control.site.Site;

/** One real Redis on the loopback address, with a configuration file of its own that {@code CONFIG REWRITE} changes. */
public final class RedisNode implements AutoCloseable {
    private final String side;
    private final Path folder;
    private final int port;
    private LocalProcess process;
    private int starts;

    RedisNode(String side, Path folder, int port) {
        this.side = side;
        this.folder = folder;
        this.port = port;
    }

    public String side() {
        return side;
    }

    public int port() {
        return port;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    /** What it was started with, and what {@code CONFIG REWRITE} makes of it. */
    public Path configuration() {
        return folder.resolve(side + ".conf");
    }

    /** This instance's table of the site file, {@code [[old.redis]]} or {@code [[new.redis]]}. */
    public String siteToml() {
        return String.join("\n", "[[" + side + ".redis]]", "name = \"main\"", "address = \"" + address() + "\"", "");
    }

    /** A new connection; the caller closes it. */
    public Jedis connect() {
        return new Jedis(
                new HostAndPort("127.0.0.1", port),
                DefaultJedisClientConfig.builder()
                        .connectionTimeoutMillis(5000)
                        .socketTimeoutMillis(5000)
                        .autoNegotiateProtocol(false)
                        .build());
    }

    public boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Starts it and returns when it takes commands (of a replica: not necessarily when it is in step). */
    public void start() {
        // A session of its own: a Ctrl-C at the terminal is for the JVM, which stops its servers itself.
        process = LocalProcess.start(
                side + " redis",
                folder.resolve(side + "-" + ++starts + ".log"),
                List.of("setsid", "redis-server", configuration().toString()));
        process.awaitLine(Pattern.compile("Ready to accept connections"), Duration.ofSeconds(30));
        Await.until(side + " redis answers", Duration.ofSeconds(30), () -> {
            try (Jedis jedis = connect()) {
                return "PONG".equals(jedis.ping());
            } catch (JedisException e) {
                return false; // Loading, or not listening yet.
            }
        });
    }

    /** As control sees it. */
    public Site.Redis site(@Nullable Path passwordFile) {
        Site.Address address = new Site.Address("127.0.0.1", port);
        return new Site.Redis(side, "main", address, address, address, passwordFile);
    }

    /** SIGTERM; it saves what its configuration tells it to save. */
    public void stop() {
        process.stop(Duration.ofSeconds(30));
    }

    /** {@code kill -9}. */
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        if (isRunning()) {
            process.kill();
        }
    }

    /** @param extra further lines of the configuration */
    void configure(List<String> extra) {
        try {
            Path data = Files.createDirectories(folder.resolve(side));
            Files.writeString(
                    configuration(),
                    String.join(
                                    "\n",
                                    "bind 127.0.0.1",
                                    "port " + port,
                                    "dir " + data,
                                    "daemonize no",
                                    // Every acknowledged write survives kill -9.
                                    "appendonly yes",
                                    "appendfsync always",
                                    "save \"\"",
                                    "repl-backlog-size 16mb",
                                    "repl-diskless-sync-delay 0",
                                    "repl-ping-replica-period 1",
                                    String.join("\n", extra))
                            + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + configuration(), e);
        }
    }
}
