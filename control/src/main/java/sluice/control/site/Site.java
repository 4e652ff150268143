package sluice.control.site;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
     * @param repoint when the other side's Mastodon is pointed at its own databases
     * @param probe a path whose answer needs the database, asked of the other side's Mastodon before people are sent there
     * @param bootWait how long Mastodon may take from a reload to its first answer
     */
    public record Move(
            Duration holdTtl,
            Duration holdBudget,
            long maxLag,
            Duration drainWait,
            Duration sidekiqWait,
            Repoint repoint,
            String probe,
            Duration bootWait) {}

    /** When the other side's Mastodon is pointed at its own databases. */
    public enum Repoint {
        /** Before the hold: it starts on a standby, and the promotion makes its sessions writable. */
        BEFORE,
        /** After the promotion, inside the hold: for an application that cannot start on a standby. */
        INSIDE
    }

    /** Where something listens. An IPv6 address stands without brackets. */
    public record Address(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * One side of the move.
     *
     * @param name {@code old} or {@code new}
     * @param ssh how its machine is reached, or null when it is this one
     * @param postgres its database
     * @param redis its instances; each has a counterpart of the same name on the other side
     * @param sidekiq who works on its jobs, or null when nobody is to be paused
     * @param mastodon its web and streaming processes, or null when they are not to be touched
     */
    public record Side(
            String name,
            @Nullable Ssh ssh,
            Postgres postgres,
            List<Redis> redis,
            @Nullable Sidekiq sidekiq,
            @Nullable Mastodon mastodon) {}

    /**
     * The Sidekiq of a side.
     *
     * @param units its systemd units; at least one
     * @param redis the name of the instance that has its jobs
     */
    public record Sidekiq(List<String> units, String redis) {}

    /**
     * The Mastodon of a side.
     *
     * @param user the account that it runs as
     * @param folder its installation, with {@code .env.production} in it
     * @param web the systemd units of Puma
     * @param streaming the systemd units of the streaming server
     * @param address Puma as control reaches it, without TLS
     * @param streamingAddress the streaming server as control reaches it
     * @param own what {@code .env.production} says, name by name, when this Mastodon uses the databases of its own side
     */
    public record Mastodon(
            String user,
            Path folder,
            List<String> web,
            List<String> streaming,
            Address address,
            Address streamingAddress,
            Map<String, String> own) {
        public Path env() {
            return folder.resolve(".env.production");
        }

        /** Uploads, when they are not kept in an object store. */
        public Path media() {
            return folder.resolve("public/system");
        }
    }

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
     * @param own where it listens on its own host, for the tunnel
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
            Address own,
            String applicationName,
            String slot,
            List<String> options) {}

    /**
     * One Redis instance; instances of the two sides with the same name belong together.
     *
     * @param address as control reaches it
     * @param replication as the other side's instance reaches it
     * @param own where it listens on its own host, for the tunnel
     * @param passwordFile holds the password of the default user, or null when there is none
     */
    public record Redis(
            String side,
            String name,
            Address address,
            Address replication,
            Address own,
            @Nullable Path passwordFile) {}

    /** {@code old} or {@code new}. */
    public Side side(String name) {
        return switch (name) {
            case "old" -> old;
            case "new" -> fresh;
            default -> throw new IllegalArgumentException("no side is called " + name + ", only old and new");
        };
    }
}
