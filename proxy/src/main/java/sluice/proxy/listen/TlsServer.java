package sluice.proxy.listen;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;

/**
 * The TLS side of the listening sockets: BoringSSL, TLS 1.2 and 1.3, one context for each certificate, chosen by the name that
 * the client asks for (RFC 6066 section 3); the first certificate for all others. Shared by all event loops.
 */
public final class TlsServer implements AutoCloseable {
    /** How often session tickets get a new key; a ticket can be used for at most twice as long. */
    static final Duration TICKET_KEY_AGE = Duration.ofHours(12);

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

    private final boolean http2;
    private final @Nullable List<X509Certificate> clientAuthorities;
    private final TicketKeys ticketKeys = new TicketKeys(new SecureRandom());
    private volatile SiteContexts current;

    private TlsServer(
            List<SiteCertificate> certificates, boolean http2, @Nullable List<X509Certificate> clientAuthorities)
            throws CertificateProblem {
        this.http2 = http2;
        this.clientAuthorities = clientAuthorities;
        this.current = contexts(certificates);
        ticketKeys.use(current.sessions());
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
        Path ca = config.tls().clientCertificates();
        return new TlsServer(certificates, config.tls().http2(), ca == null ? null : new PemFile(ca).certificates());
    }

    /** @param http2 whether HTTP/2 is offered (RFC 7301) beside HTTP/1.1 */
    static TlsServer of(List<SiteCertificate> certificates, boolean http2) throws CertificateProblem {
        return new TlsServer(certificates, http2, null);
    }

    /** @param clientAuthorities clients must show a certificate of one of these */
    static TlsServer of(List<SiteCertificate> certificates, List<X509Certificate> clientAuthorities)
            throws CertificateProblem {
        return new TlsServer(certificates, false, clientAuthorities);
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
        List<String> warnings = new ArrayList<>(warnings(certificates, config.domains(), now));
        for (SiteCertificate certificate : certificates) {
            warnings.addAll(shared(certificate, config.listen().others()));
        }
        return List.copyOf(warnings);
    }

    /** What browsers would complain about. A domain is fine when any of the certificates is for it. */
    static List<String> warnings(List<SiteCertificate> certificates, List<String> domains, Instant now) {
        List<String> warnings = new ArrayList<>();
        for (SiteCertificate certificate : certificates) {
            List<String> uncovered = domains.stream()
                    .filter(domain -> certificates.stream().noneMatch(other -> other.isFor(domain)))
                    .toList();
            warnings.addAll(certificate.warnings(uncovered, now));
            String mistake = certificate.chainMistake();
            if (mistake != null) {
                warnings.add(mistake);
            }
        }
        return List.copyOf(warnings);
    }

    /** RFC 9113 section 9.1.1: a browser may use a connection for every name that its certificate is for. */
    static List<String> shared(SiteCertificate certificate, OtherSites others) {
        return others.named().stream()
                .filter(site -> site.https() != null)
                .flatMap(site -> site.names().stream())
                .filter(certificate::isFor)
                .map(name -> "the certificate in " + certificate.source() + " is for " + name
                        + " too, which other_sites passes on: browsers may send its requests on connections to this site."
                        + " Get a certificate for the domains alone")
                .toList();
    }

    /** Those in use now. */
    public List<SiteCertificate> certificates() {
        return current.certificates();
    }

    /**
     * Takes other certificates for the handshakes that begin from now on; those under way and connections that are open go on with
     * what they have, and their tickets stay good. To be called by one thread at a time.
     *
     * @throws CertificateProblem when one cannot be used; all stays as it is then
     */
    void replace(List<SiteCertificate> certificates) throws CertificateProblem {
        SiteContexts next = contexts(certificates);
        ticketKeys.use(next.sessions());
        SiteContexts former = current;
        current = next;
        former.release();
    }

    /** A new key for session tickets; see {@link #TICKET_KEY_AGE}. */
    void rotateTicketKeys() {
        ticketKeys.rotate();
    }

    /** Whether there is a choice to make, for which the name is needed that the client asks for. */
    boolean needsName() {
        return current.certificates().size() > 1;
    }

    /**
     * The handler that speaks TLS on a connection.
     *
     * @param name what the client asks for, or null
     * @param timeout how long the handshake may take
     */
    SslHandler newHandler(@Nullable String name, ByteBufAllocator allocator, Duration timeout) {
        SslContext context = acquire(name);
        try {
            SslHandler handler = context.newHandler(allocator);
            handler.setHandshakeTimeoutMillis(Math.max(1, timeout.toMillis()));
            return handler;
        } finally {
            ReferenceCountUtil.release(context);
        }
    }

    /** The context for a name that a client asked for, or for none; to be released. */
    private SslContext acquire(@Nullable String host) {
        while (true) {
            SiteContexts now = current;
            try {
                return ReferenceCountUtil.retain(now.choose(host));
            } catch (IllegalReferenceCountException e) {
                if (now == current) {
                    throw e;
                }
                // It was replaced between the two lines; its successor is there by now.
            }
        }
    }

    /** Frees the contexts. Connections that are still open keep theirs. */
    @Override
    public void close() {
        current.release();
    }

    private SiteContexts contexts(List<SiteCertificate> certificates) throws CertificateProblem {
        List<SslContext> contexts = new ArrayList<>();
        try {
            for (SiteCertificate certificate : certificates) {
                contexts.add(context(certificate));
            }
        } catch (CertificateProblem e) {
            contexts.forEach(ReferenceCountUtil::release);
            throw e;
        }
        return new SiteContexts(certificates, contexts);
    }

    private SslContext context(SiteCertificate certificate) throws CertificateProblem {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
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
                    .sessionTimeout(TICKET_KEY_AGE.toSeconds());
            if (clientAuthorities != null) {
                // A session is resumed without a look at the certificate, but only with a ticket from a handshake in
                // which there was one: the keys of tickets die with the process, and the rule lives as long as it does.
                builder.clientAuth(ClientAuth.REQUIRE).trustManager(clientAuthorities.toArray(new X509Certificate[0]));
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new CertificateProblem(
                    "the certificate in " + certificate.source() + " cannot be used for TLS: " + e.getMessage(), e);
        }
    }
}
