package sluice.proxy.listen;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;

/**
 * The TLS side of the listening sockets: BoringSSL, TLS 1.2 and 1.3, one context for each certificate, chosen by the name that
 * the client asks for (RFC 6066 section 3); the first certificate for all others. Shared by all event loops.
 */
public final class TlsServer implements AutoCloseable {
    /** How long a client may take for the handshake. */
    static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);
    /** How often session tickets get a new key; a ticket can be used for at most twice as long. */
    static final Duration TICKET_KEY_AGE = Duration.ofHours(12);

    /** A ClientHello with every post-quantum share known today has less than 4 KiB. */
    private static final int LONGEST_CLIENT_HELLO = 16 * 1024;

    private static final int SESSION_CACHE_ENTRIES = 2048;

    /** For TLS 1.2: forward secrecy and authenticated encryption only. BoringSSL chooses those of TLS 1.3 by itself. */
    private static final List<String> CIPHERS = List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256");

    private static final List<String> HTTP1 = List.of(ApplicationProtocolNames.HTTP_1_1);
    /** Ours first: the server's order counts. */
    private static final List<String> HTTP2 =
            List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);

    private final List<SiteCertificate> certificates;
    private final List<SslContext> contexts;
    private final Map<String, SslContext> byName;
    private final TicketKeys ticketKeys;

    private TlsServer(List<SiteCertificate> certificates, List<SslContext> contexts) {
        this.certificates = certificates;
        this.contexts = contexts;
        this.byName = byName(certificates, contexts);
        this.ticketKeys = new TicketKeys(
                new SecureRandom(),
                contexts.stream()
                        .map(context -> (OpenSslSessionContext) context.sessionContext())
                        .toList());
        ticketKeys.rotate();
    }

    /**
     * Reads or makes the certificates that the configuration asks for.
     *
     * @throws CertificateProblem when one cannot be used
     */
    public static TlsServer load(ProxyConfig config, Instant now) throws CertificateProblem {
        List<SiteCertificate> certificates = new ArrayList<>();
        if (config.tls().selfSigned()) {
            Path folder = config.state().directory().resolve("self-signed");
            certificates.add(new SelfSigned(folder, config.domains(), now).get());
        }
        for (Path folder : config.tls().certificates()) {
            certificates.add(SiteCertificate.read(folder));
        }
        return of(certificates, config.tls().http2());
    }

    /** @param http2 whether HTTP/2 is offered (RFC 7301) beside HTTP/1.1 */
    static TlsServer of(List<SiteCertificate> certificates, boolean http2) throws CertificateProblem {
        List<SslContext> contexts = new ArrayList<>();
        for (SiteCertificate certificate : certificates) {
            contexts.add(context(certificate, http2));
        }
        return new TlsServer(List.copyOf(certificates), List.copyOf(contexts));
    }

    /** What browsers would complain about in the certificates of a configuration, without using them. */
    public static List<String> warnings(ProxyConfig config, Instant now) {
        List<SiteCertificate> certificates = new ArrayList<>();
        for (Path folder : config.tls().certificates()) {
            try {
                certificates.add(SiteCertificate.read(folder));
            } catch (CertificateProblem e) {
                return List.of(String.valueOf(e.getMessage()));
            }
        }
        return warnings(certificates, config.domains(), now);
    }

    /** What browsers would complain about. A domain is fine when any of the certificates is for it. */
    static List<String> warnings(List<SiteCertificate> certificates, List<String> domains, Instant now) {
        List<String> warnings = new ArrayList<>();
        for (SiteCertificate certificate : certificates) {
            List<String> uncovered = domains.stream()
                    .filter(domain -> certificates.stream().noneMatch(other -> other.isFor(domain)))
                    .toList();
            warnings.addAll(certificate.warnings(uncovered, now));
        }
        return List.copyOf(warnings);
    }

    public List<SiteCertificate> certificates() {
        return certificates;
    }

    /** A new key for session tickets; see {@link #TICKET_KEY_AGE}. To be called by one thread at a time. */
    void rotateTicketKeys() {
        ticketKeys.rotate();
    }

    /** The first handler of a connection. */
    ChannelHandler newHandler(ByteBufAllocator allocator) {
        if (contexts.size() == 1) {
            return limited(contexts.get(0).newHandler(allocator));
        }
        return new SniHandler(this::choose, LONGEST_CLIENT_HELLO, HANDSHAKE_TIMEOUT.toMillis()) {
            @Override
            protected SslHandler newSslHandler(SslContext context, ByteBufAllocator handlerAllocator) {
                return limited(super.newSslHandler(context, handlerAllocator));
            }
        };
    }

    /** The context for a name that a client asked for, or for none. */
    SslContext choose(@Nullable String host) {
        if (host == null) {
            return contexts.get(0);
        }
        String name = host.toLowerCase(Locale.ROOT);
        SslContext exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        SslContext starred = dot < 0 ? null : byName.get("*" + name.substring(dot));
        return starred == null ? contexts.get(0) : starred;
    }

    /** Frees the contexts. Connections that are still open keep theirs. */
    @Override
    public void close() {
        contexts.forEach(ReferenceCountUtil::release);
    }

    private static SslHandler limited(SslHandler handler) {
        handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT.toMillis());
        return handler;
    }

    private static Map<String, SslContext> byName(List<SiteCertificate> certificates, List<SslContext> contexts) {
        Map<String, SslContext> byName = new HashMap<>();
        for (int i = 0; i < certificates.size(); i++) {
            for (String name : certificates.get(i).names()) {
                byName.putIfAbsent(name, contexts.get(i));
            }
        }
        return Map.copyOf(byName);
    }

    private static SslContext context(SiteCertificate certificate, boolean http2) throws CertificateProblem {
        try {
            return SslContextBuilder.forServer(
                            certificate.key(), certificate.chain().toArray(new X509Certificate[0]))
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .protocols("TLSv1.2", "TLSv1.3")
                    .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            http2 ? HTTP2 : HTTP1))
                    .sessionCacheSize(SESSION_CACHE_ENTRIES)
                    .sessionTimeout(TICKET_KEY_AGE.toSeconds())
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new CertificateProblem(
                    "the certificate in " + certificate.source() + " cannot be used for TLS: " + e.getMessage(), e);
        }
    }
}
