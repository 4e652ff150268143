package sluice.proxy.config;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The whole of {@code proxy.toml}, valid by construction. */
public record ProxyConfig(
        Preset preset,
        List<String> domains,
        Tls tls,
        ClientAddress clientAddress,
        @Nullable Path root,
        Listen listen,
        State state,
        Upstreams upstreams,
        Gate gate,
        Limits limits,
        Duration stopTimeout) {

    /** Classes, paths and limits for a kind of site. */
    public enum Preset {
        MASTODON,
        PLAIN
    }

    /** Folders with {@code fullchain.pem} and {@code privkey.pem}, or a certificate that the proxy makes itself. */
    public record Tls(List<Path> certificates, boolean selfSigned) {}

    /** How the client's address is found. {@code trusted} networks may name it in X-Forwarded-For. */
    public record ClientAddress(Kind kind, List<String> trusted) {
        public enum Kind {
            DIRECT,
            CLOUDFLARE,
            TRUSTED
        }
    }

    /** Sockets. A {@code unix:} admin address is in {@code adminSockets}, a TCP one in {@code adminAddresses}. */
    public record Listen(
            List<InetSocketAddress> https,
            List<InetSocketAddress> http,
            List<InetSocketAddress> adminAddresses,
            List<Path> adminSockets,
            @Nullable Path tokenFile) {}

    /** Where the state file and the spool live. */
    public record State(Path directory) {}

    /** The two sides. {@code active} counts for the very first start only; afterwards the state file decides. */
    public record Upstreams(String active, Upstream old, Upstream next, int loops) {}

    /**
     * One side's services: {@code http://host:port}, {@code https://host:port} (verified) or {@code unix:/path}.
     *
     * @param streaming the streaming service; the same as {@code web} when it is not set
     * @param serverName the name to send and to verify for https, or null for the service's host
     * @param ca a PEM file with the authorities to trust instead of the system's, or null
     */
    public record Upstream(
            URI web,
            URI streaming,
            @Nullable String serverName,
            @Nullable Path ca) {}

    /** The gate's bounds. */
    public record Gate(
            Duration waitInbox,
            Duration waitOther,
            int maxParked,
            long maxParkedBytes,
            int releaseConcurrency,
            Duration closeOver) {}

    /** Bounds on what a client or an upstream may use. Sizes are bytes. */
    public record Limits(
            int headBytes,
            long bodyBytes,
            int bodyMemory,
            long bodyMemoryTotal,
            long spoolTotal,
            int connections,
            Duration headTimeout,
            Duration bodyTimeout,
            Duration clientIdle,
            Duration upstreamConnect,
            Duration upstreamRead,
            Duration upstreamIdle) {}
}
