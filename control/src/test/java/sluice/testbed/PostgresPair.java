package sluice.testbed;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A primary ({@link #oldServer}) and its streaming standby ({@link #newServer}) with a slot, set up so that the old one
 * can stream from the new one later. Roles: {@code postgres} (superuser), {@code control} (only what sluice needs),
 * {@code mastodon} (owns database mastodon), {@code replicator}. Trust on the loopback address.
 *
 * <p>{@link #close} stops both and removes all files; so does the end of the JVM, unless it is killed.
 */
public final class PostgresPair implements AutoCloseable {
    static final String NEW_SLOT = "sluice_new";

    private final TestFolder folder = new TestFolder("sluice-pg", this::stop);
    private final PostgresNode oldServer;
    private final PostgresNode newServer;

    private PostgresPair() {
        Path path = folder.path();
        oldServer = new PostgresNode("old", path.resolve("old"), path, FreePorts.next());
        newServer = new PostgresNode("new", path.resolve("new"), path, FreePorts.next());
    }

    /** A pair that is up, the standby streaming. */
    public static PostgresPair start() {
        return started(prepare());
    }

    /** The same with a system identifier of its own: no kin of all other pairs. */
    public static PostgresPair startOfAnotherSystem() {
        PostgresTemplate template = PostgresTemplate.make();
        try {
            return started(prepare(template));
        } finally {
            template.remove();
        }
    }

    private static PostgresPair started(PostgresPair pair) {
        try {
            pair.oldServer.start();
            pair.newServer.start();
            pair.awaitStreaming();
            return pair;
        } catch (RuntimeException e) {
            pair.close();
            throw e;
        }
    }

    /** A pair whose servers have not been started yet. */
    public static PostgresPair prepare() {
        return prepare(PostgresTemplate.shared());
    }

    private static PostgresPair prepare(PostgresTemplate template) {
        PostgresPair pair = new PostgresPair();
        template.copyPrimary(pair.oldServer.data());
        template.copyStandby(pair.newServer.data());
        pair.oldServer.configure();
        pair.newServer.configure();
        pair.newServer.follow(pair.oldServer);
        return pair;
    }

    /** The primary at first. */
    public PostgresNode oldServer() {
        return oldServer;
    }

    /** The standby at first. */
    public PostgresNode newServer() {
        return newServer;
    }

    /** Both servers' tables of the site file. */
    public String siteToml() {
        return oldServer.siteToml() + "\n" + newServer.siteToml();
    }

    /** Waits until the new server streams from the old one. */
    public void awaitStreaming() {
        Await.until("the standby streams", Duration.ofSeconds(30), () -> {
            try {
                return "streaming"
                        .equals(oldServer.query("SELECT state FROM pg_stat_replication WHERE application_name = '"
                                + newServer.applicationName() + "'"));
            } catch (SQLException e) {
                return false;
            }
        });
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
