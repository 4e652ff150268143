package sluice.control.redis;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import sluice.control.host.Host;
import sluice.control.host.Host.HostException;
import sluice.control.site.Site;

/**
 * One plain connection to an instance: no pool, and no command is sent twice by itself. Opened when it is first used, and again
 * after it broke. One thread at a time.
 */
public final class RedisLink implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2000;
    private static final int ANSWER_MILLIS = 3000;

    private final Host host;
    private final Site.Redis site;
    private @Nullable Jedis connection;

    /** @param host where its password file is */
    public RedisLink(Host host, Site.Redis site) {
        this.host = host;
        this.site = site;
    }

    /** Its side, its name in the site file and its address, for messages. */
    public String name() {
        return site.side() + " Redis " + site.name() + " (" + site.address() + ")";
    }

    /** What is done on a connection. */
    public interface Commands<T> {
        T on(Jedis jedis) throws HostException, RedisException;
    }

    /** For what changes nothing: asked again, on a new connection, when the one from before was broken. */
    public <T> T question(String what, Commands<T> commands) throws RedisException {
        if (connection != null) {
            try {
                return commands.on(connection);
            } catch (JedisConnectionException e) {
                close(); // From before a restart, perhaps: a new one can tell.
            } catch (JedisException | HostException | IllegalArgumentException e) {
                throw failure(what, e);
            }
        }
        return attempt(what, commands);
    }

    /** Once. */
    public <T> T attempt(String what, Commands<T> commands) throws RedisException {
        try {
            return commands.on(connected());
        } catch (JedisConnectionException e) {
            close();
            throw failure(what, e);
        } catch (JedisException | HostException | IllegalArgumentException e) {
            throw failure(what, e);
        }
    }

    @Override
    public void close() {
        Jedis open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (JedisException e) {
                // It is dropped either way.
            }
        }
    }

    private Jedis connected() throws HostException {
        Jedis open = connection;
        if (open == null) {
            DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                    .connectionTimeoutMillis(CONNECT_MILLIS)
                    .socketTimeoutMillis(ANSWER_MILLIS)
                    .clientName("sluice")
                    .autoNegotiateProtocol(false);
            if (site.passwordFile() != null) {
                config.password(host.read(site.passwordFile()).strip());
            }
            open = new Jedis(
                    new HostAndPort(site.address().host(), site.address().port()), config.build());
            // Jedis would connect at the first command; that is too late to tell a broken connection from a refused
            // one.
            try {
                open.connect();
            } catch (JedisException e) {
                open.close();
                throw e;
            }
            connection = open;
        }
        return open;
    }

    private RedisException failure(String what, Exception e) {
        return new RedisException(name() + ": cannot " + what + ": " + e.getMessage(), e);
    }
}
