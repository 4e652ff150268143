package sluice.control.site;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be moved: the site file as {@link SiteFile} read and checked it. Immutable.
 *
 * @param name what people call the site, for messages
 * @param state the folder of the journal, the lock and the reports
 * @param gates the proxies that hold the writes; at least one
 * @param move bounds of a move
 * @param old where the site is now
 * @param fresh where it goes ({@code [new]} in the file)
 */
public record Site(String name, Path state, List<Gate> gates, Move move, Side old, Side fresh) {

    /**
     * One proxy.
     *
     * @param admin {@code unix:/path} or {@code http://host:port}
     * @param tokenFile holds the bearer token that changes over TCP need; null for a unix socket
     */
    public record Gate(String admin, @Nullable Path tokenFile) {}

    /**
     * Bounds of a move.
     *
     * @param holdTtl life of the proxies' lease, renewed while a run lives
     * @param holdBudget the whole hold; when it has passed before the point of no return, the run aborts by itself
     * @param maxLag bytes that the standby may be behind when a run starts
     * @param drainWait how long writes in flight may take to end
     * @param sidekiqWait how long the jobs that Sidekiq has in hand may take to end, before the hold
     */
    public record Move(Duration holdTtl, Duration holdBudget, long maxLag, Duration drainWait, Duration sidekiqWait) {}

    /**
     * One side of the move.
     *
     * @param name {@code old} or {@code new}
     * @param ssh how its machine is reached, or null when it is this one
     * @param postgres its database
     * @param redis its instances; each has a counterpart of the same name on the other side
     * @param sidekiq who works on its jobs, or null when nobody is to be paused
     */
    public record Side(
            String name,
            @Nullable Ssh ssh,
            Postgres postgres,
            List<Redis> redis,
            @Nullable Sidekiq sidekiq) {}

    /**
     * The Sidekiq of a side.
     *
     * @param units its systemd units; at least one
     * @param redis the name of the instance that has its jobs
     */
    public record Sidekiq(List<String> units, String redis) {}

    /**
     * A machine behind ssh.
     *
     * @param destination as ssh takes it
     * @param identity the private key, or null for those that ssh finds by itself
     * @param knownHosts the file with the host's key, or null for ssh's own
     */
    public record Ssh(
            String destination,
            @Nullable Path identity,
            @Nullable Path knownHosts) {}

    /**
     * One Postgres server.
     *
     * @param side {@code old} or {@code new}
     * @param url how control connects, with its own role
     * @param appUrl how the application connects
     * @param data the data folder, on the server's host
     * @param bin the folder of {@code pg_ctl} and {@code pg_controldata}, on the server's host
     * @param user who runs these; the empty string is control's own account, or the one that logs in
     * @param replication connection string by which the other side's standby reaches this server
     * @param applicationName of this server when it streams as a standby
     * @param slot the slot that it uses on the other side then; empty for none
     * @param options given to {@code pg_ctl start}, one {@code -o} each
     */
    public record Postgres(
            String side,
            PostgresUrl url,
            PostgresUrl appUrl,
            Path data,
            Path bin,
            String user,
            String replication,
            String applicationName,
            String slot,
            List<String> options) {}

    /**
     * One Redis instance; instances of the two sides with the same name belong together.
     *
     * @param passwordFile holds the password of the default user, or null when there is none
     */
    public record Redis(
            String side,
            String name,
            String host,
            int port,
            @Nullable Path passwordFile) {
        public String address() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** {@code old} or {@code new}. */
    public Side side(String name) {
        return switch (name) {
            case "old" -> old;
            case "new" -> fresh;
            default -> throw new IllegalArgumentException("no side is called " + name + ", only old and new");
        };
    }
}
