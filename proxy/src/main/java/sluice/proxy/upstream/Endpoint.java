package sluice.proxy.upstream;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;

/** One service of one side: where it is and how to speak to it. Shared by all event loops. */
final class Endpoint {
    private static final Logger log = LoggerFactory.getLogger(Endpoint.class);

    private final String label;
    private final URI uri;
    private final @Nullable SslContext tls;
    private final String peerName;
    private final Executor resolver;
    private final AtomicBoolean resolving = new AtomicBoolean();
    private volatile SocketAddress address;
    private volatile boolean reachable = true;

    /**
     * Resolves the host's name, which may take a moment: not to be called on an event loop.
     *
     * @param label for the log, such as {@code old/web}
     * @param uri {@code http://host:port}, {@code https://host:port} or {@code unix:/path}
     * @param resolver where the name is resolved again when connecting failed
     * @throws IllegalArgumentException when the certificate authorities cannot be read
     */
    Endpoint(String label, URI uri, ProxyConfig.Upstream config, Executor resolver) {
        this.label = label;
        this.uri = uri;
        this.resolver = resolver;
        boolean https = "https".equals(uri.getScheme());
        String host = uri.getHost() == null ? "" : uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        this.peerName = config.serverName() == null ? bare : config.serverName();
        this.tls = https ? context(config) : null;
        this.address = "unix".equals(uri.getScheme())
                ? new DomainSocketAddress(uri.getPath() == null ? uri.getSchemeSpecificPart() : uri.getPath())
                : resolve(bare, port(uri));
    }

    private static int port(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return "https".equals(uri.getScheme()) ? 443 : 80;
    }

    private static InetSocketAddress resolve(String host, int port) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            InetAddress ip = literal == null ? InetAddress.getByName(host) : InetAddress.getByAddress(literal);
            return new InetSocketAddress(ip, port);
        } catch (UnknownHostException e) {
            return InetSocketAddress.createUnresolved(host, port);
        }
    }

    private static SslContext context(ProxyConfig.Upstream config) {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .endpointIdentificationAlgorithm("HTTPS");
        if (config.ca() != null) {
            builder.trustManager(config.ca().toFile());
        }
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalArgumentException(
                    "upstream: the certificate authorities in " + config.ca() + " cannot be used: " + e.getMessage(),
                    e);
        }
    }

    /** An unresolved address when the name could not be resolved. */
    SocketAddress address() {
        return address;
    }

    boolean unix() {
        return address instanceof DomainSocketAddress;
    }

    /** Null for plain text. */
    @Nullable
    SslContext tls() {
        return tls;
    }

    /** The name that is sent in SNI, and that the certificate has to be for. */
    String peerName() {
        return peerName;
    }

    int port() {
        return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    boolean reachable() {
        return reachable;
    }

    void connected() {
        if (!reachable) {
            reachable = true;
            log.info("upstream {} ({}) can be reached again", label, uri);
        }
    }

    /** With the cause at the bottom: a certificate that does not fit is wrapped in words that say nothing. */
    private static String reason(Throwable failure) {
        Throwable bottom = failure;
        while (bottom.getCause() != null) {
            bottom = bottom.getCause();
        }
        return bottom == failure
                ? String.valueOf(failure.getMessage())
                : failure.getMessage() + ": " + bottom.getMessage();
    }

    void unreachable(Throwable cause) {
        if (reachable) {
            reachable = false;
            log.warn("upstream {} ({}) cannot be reached: {}", label, uri, reason(cause));
        }
        if (address instanceof InetSocketAddress inet && resolving.compareAndSet(false, true)) {
            resolver.execute(() -> {
                try {
                    address = resolve(inet.getHostString(), inet.getPort());
                } finally {
                    resolving.set(false);
                }
            });
        }
    }

    @Override
    public String toString() {
        return label + " (" + uri + ")";
    }
}
