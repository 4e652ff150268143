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
        List<Rule> rules,
        List<String> domains,
        Tls tls,
        ClientAddress clientAddress,
        @Nullable Path root,
        @Nullable Path errorPage,
        Listen listen,
        State state,
        Upstreams upstreams,
        Gate gate,
        Limits limits,
        Server server,
        Files files,
        Duration stopTimeout,
        @Nullable AccessLog accessLog) {

    /** Without an access log. */
    public ProxyConfig(
            Preset preset,
            List<Rule> rules,
            List<String> domains,
            Tls tls,
            ClientAddress clientAddress,
            @Nullable Path root,
            @Nullable Path errorPage,
            Listen listen,
            State state,
            Upstreams upstreams,
            Gate gate,
            Limits limits,
            Server server,
            Files files,
            Duration stopTimeout) {
        this(
                preset,
                rules,
                domains,
                tls,
                clientAddress,
                root,
                errorPage,
                listen,
                state,
                upstreams,
                gate,
                limits,
                server,
                files,
                stopTimeout,
                null);
    }

    /** The most bytes that a page for errors may have: it is kept in memory. */
    public static final int MAX_ERROR_PAGE = 256 * 1024;

    public static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(30);

    /** Classes, paths and limits for a kind of site. */
    public enum Preset {
        MASTODON,
        PLAIN
    }

    /**
     * A rule of the site's own, before those of the preset. See the route package for what the texts mean.
     *
     * @param name its file and key, for people
     * @param methods in capitals; empty when the class decides
     * @param requestClass {@code inbox}, {@code media}, {@code write}, {@code read} or {@code stream}
     * @param service {@code web} or {@code streaming}; null when other rules decide
     */
    public record Rule(
            String name,
            List<String> methods,
            @Nullable String path,
            @Nullable String header,
            @Nullable String query,
            String requestClass,
            @Nullable String service) {}

    /**
     * Folders with {@code fullchain.pem} and {@code privkey.pem}, or a certificate that the proxy makes itself.
     *
     * @param http2 whether HTTP/2 is offered to clients
     * @param clientCertificates a PEM file: clients must show a certificate of one of these authorities; or null
     */
    public record Tls(
            List<Path> certificates,
            boolean selfSigned,
            boolean http2,
            @Nullable Path clientCertificates) {}

    /**
     * How the client's address is found. {@code trusted} networks may name it: in X-Forwarded-For, or with PROXY protocol, which
     * nobody else may speak then, and without which nobody is served.
     */
    public record ClientAddress(Kind kind, List<Network> trusted) {
        public enum Kind {
            DIRECT,
            CLOUDFLARE,
            TRUSTED,
            PROXY_PROTOCOL
        }
    }

    /** Sockets. A {@code unix:} admin address is in {@code adminSockets}, a TCP one in {@code adminAddresses}. */
    public record Listen(
            List<InetSocketAddress> https,
            List<InetSocketAddress> http,
            List<InetSocketAddress> adminAddresses,
            List<Path> adminSockets,
            @Nullable Path tokenFile,
            OtherSites others) {
        /** Without other sites. */
        public Listen(
                List<InetSocketAddress> https,
                List<InetSocketAddress> http,
                List<InetSocketAddress> adminAddresses,
                List<Path> adminSockets,
                @Nullable Path tokenFile) {
            this(https, http, adminAddresses, adminSockets, tokenFile, OtherSites.NONE);
        }
    }

    /** Where the state file and the spool live. */
    public record State(Path directory) {}

    /** The two sides. {@code active} counts for the very first start only; afterwards the state file decides. */
    public record Upstreams(String active, Upstream old, Upstream next) {}

    /**
     * One side's services: {@code http://host:port}, {@code https://host:port} (verified) or {@code unix:/path}.
     *
     * @param streaming the streaming service; the same as {@code web} when it is not set
     * @param serverName the name to send and to verify for https, or null for the service's host
     * @param ca a PEM file with the authorities to trust instead of the system's, or null
     * @param acme where its challenges are found when they are not here: {@code http://host:port}
     */
    public record Upstream(
            URI web,
            URI streaming,
            @Nullable String serverName,
            @Nullable Path ca,
            @Nullable URI acme) {

        /** A side without challenges of its own. */
        public Upstream(URI web, URI streaming, @Nullable String serverName, @Nullable Path ca) {
            this(web, streaming, serverName, ca, null);
        }
    }

    /**
     * The gate's bounds.
     *
     * @param waits how long a request may wait
     * @param maxParked how many requests may wait
     * @param maxParkedBytes what they may occupy together, in bytes
     * @param maxParkedPerClient how many requests of one client address may wait; 0 for no bound
     * @param releaseConcurrency how many are let go at a time
     * @param closeOver over how long the streams on the former upstream are closed
     */
    public record Gate(
            Waits waits,
            int maxParked,
            long maxParkedBytes,
            int maxParkedPerClient,
            int releaseConcurrency,
            Duration closeOver) {

        public static final Gate DEFAULT = new Gate(Waits.DEFAULT, 10_000, 256L * MIB, 256, 10, Duration.ofSeconds(20));
    }

    /** How long a request of each class may wait at the gate. */
    public record Waits(Duration inbox, Duration media, Duration write, Duration read, Duration stream) {
        /** Remote servers give an inbox delivery up after 10 s and try again; the rest leaves room for a slow move. */
        public static final Waits DEFAULT = of(Duration.ofSeconds(8), Duration.ofSeconds(25));

        /** Inboxes apart, all the same. */
        public static Waits of(Duration inbox, Duration other) {
            return new Waits(inbox, other, other, other, other);
        }
    }

    /**
     * Bounds on what a client or an upstream may use. Sizes are bytes; {@code h2Streams} is for each connection.
     *
     * @param bodyTimeout how long a client may send nothing of a body
     * @param bodyRate the fewest bytes a second of a body, averaged from ten seconds after its start; 0 for no bound
     * @param bodyTotal how long a whole body may take
     */
    public record Limits(
            int headBytes,
            long bodyBytes,
            int bodyMemory,
            long bodyMemoryTotal,
            long spoolTotal,
            int connections,
            int h2Streams,
            Duration headTimeout,
            Duration bodyTimeout,
            Duration clientIdle,
            Duration upstreamConnect,
            Duration upstreamRead,
            Duration upstreamIdle,
            int connectionsPerAddress,
            Duration handshakeTimeout,
            Duration passedIdle,
            long bodyRate,
            Duration bodyTotal) {
        /** With the standard bounds on how slow a body may be. */
        public Limits(
                int headBytes,
                long bodyBytes,
                int bodyMemory,
                long bodyMemoryTotal,
                long spoolTotal,
                int connections,
                int h2Streams,
                Duration headTimeout,
                Duration bodyTimeout,
                Duration clientIdle,
                Duration upstreamConnect,
                Duration upstreamRead,
                Duration upstreamIdle,
                int connectionsPerAddress,
                Duration handshakeTimeout,
                Duration passedIdle) {
            this(
                    headBytes,
                    bodyBytes,
                    bodyMemory,
                    bodyMemoryTotal,
                    spoolTotal,
                    connections,
                    h2Streams,
                    headTimeout,
                    bodyTimeout,
                    clientIdle,
                    upstreamConnect,
                    upstreamRead,
                    upstreamIdle,
                    connectionsPerAddress,
                    handshakeTimeout,
                    passedIdle,
                    0,
                    Duration.ofHours(1));
        }

        public static final Limits DEFAULT = new Limits(
                16 * KIB,
                99L * MIB,
                64 * KIB,
                64L * MIB,
                2048L * MIB,
                4096,
                128,
                Duration.ofSeconds(20),
                Duration.ofSeconds(60),
                Duration.ofSeconds(70),
                Duration.ofSeconds(5),
                Duration.ofSeconds(120),
                Duration.ofSeconds(12),
                256,
                Duration.ofSeconds(10),
                Duration.ofMinutes(10));
    }

    /**
     * How files are served from {@code root}.
     *
     * @param links folders outside of {@code root} that symbolic links in it may lead into
     * @param side the side whose files they are, {@code old} or {@code new}: the one on this host
     * @param cache bytes of small files that are kept in memory
     * @param hsts the value of Strict-Transport-Security on files, or empty for none
     * @param acmeRoot where {@code /.well-known/acme-challenge/} is on port 80; {@code root} when null
     * @param gzip whether text is compressed, files and the site's answers alike
     * @param otherSide how long after a flip, and after a start, a file that the active side has not got is looked for on the other
     *     one; zero for never
     */
    public record Files(
            List<Path> links,
            String side,
            long cache,
            String hsts,
            @Nullable Path acmeRoot,
            boolean gzip,
            Duration otherSide) {
        /** Two years, as in Mastodon's nginx.conf. */
        public static final String MASTODON_HSTS = "max-age=63072000; includeSubDomains";

        /** What a kind of site has if nothing is said. */
        public static Files byDefault(Preset preset) {
            return new Files(
                    List.of(),
                    "old",
                    8L * MIB,
                    preset == Preset.MASTODON ? MASTODON_HSTS : "",
                    null,
                    true,
                    Duration.ofHours(24));
        }
    }

    /**
     * The access log.
     *
     * @param file null for the standard output
     */
    public record AccessLog(@Nullable Path file, Format format) {
        /** The form of its lines. */
        public enum Format {
            COMBINED,
            JSON
        }
    }

    /** The process itself. {@code loops} is the number of event loops; each is one thread. */
    public record Server(int loops) {
        private static final int MOST_BY_DEFAULT = 4;

        /** One loop a core, at most four: a proxy shares its host with the site. */
        public static Server byDefault(int cores) {
            return new Server(Math.max(1, Math.min(cores, MOST_BY_DEFAULT)));
        }
    }

    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;
}
