package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;

/** Upstreams over TLS and over a unix socket. */
@Timeout(60)
class UpstreamKindsTest {
    private static final String NAME = "example.social";

    @TempDir
    Path directory;

    private @Nullable LittleSite site;
    private @Nullable Bench bench;

    @AfterEach
    void close() throws IOException {
        if (site != null) {
            site.close();
        }
        if (bench != null) {
            bench.close();
        }
    }

    private Wire client(ProxyConfig.Upstream upstream) throws IOException {
        Bench b = BenchPlan.of(directory, upstream, upstream).open();
        bench = b;
        return b.client();
    }

    private ProxyConfig.Upstream https(@Nullable String serverName, boolean trusted) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        Instant now = Instant.now();
        X500Name name = new X500Name("CN=" + NAME);
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(now.minusSeconds(60)),
                                Date.from(now.plusSeconds(3600)),
                                name,
                                pair.getPublic())
                        .addExtension(
                                Extension.subjectAlternativeName,
                                false,
                                new GeneralNames(new GeneralName(GeneralName.dNSName, NAME)))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("key", pair.getPrivate(), new char[0], new Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        ServerSocketFactory sockets = tls.getServerSocketFactory();
        LittleSite s =
                new LittleSite((request, c) -> c.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"), sockets);
        site = s;
        Path ca = directory.resolve("ca.pem");
        Files.writeString(
                ca,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        URI uri = URI.create("https://127.0.0.1:" + s.port());
        return new ProxyConfig.Upstream(uri, uri, serverName, trusted ? ca : null);
    }

    @Test
    void anUpstreamOverTlsIsVerifiedAndKeptAlive() throws Exception {
        try (Wire client = client(https(NAME, true))) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").text()).isEqualTo("secret");
                assertThat(client.post("/inbox", "x".repeat(30_000)).text()).isEqualTo("secret");
            }
        }
        assertThat(site.connections()).isEqualTo(1);
    }

    @Test
    void anotherNameIsRefused() throws Exception {
        try (Wire client = client(https("other.example", true))) {
            assertThat(client.get("/").status()).isEqualTo(502);
        }
        assertThat(site.requests()).isEmpty();
    }

    @Test
    void theAddressIsTheNameWhenNoneIsGiven() throws Exception {
        try (Wire client = client(https(null, true))) {
            assertThat(client.get("/").status())
                    .as("the certificate is not for 127.0.0.1")
                    .isEqualTo(502);
        }
        assertThat(site.requests()).isEmpty();
    }

    @Test
    void anUnknownAuthorityIsRefused() throws Exception {
        try (Wire client = client(https(NAME, false))) {
            assertThat(client.post("/inbox", "x").status()).isEqualTo(502);
        }
        assertThat(site.requests()).isEmpty();
        assertThat(bench.state().unknownTotal()).as("nothing was sent").isZero();
    }

    @Test
    void aUnixSocketServes() throws Exception {
        Path path = directory.resolve("web.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            Thread thread = new Thread(() -> serve(server));
            thread.setDaemon(true);
            thread.start();
            URI uri = URI.create("unix:" + path);
            try (Wire client = client(new ProxyConfig.Upstream(uri, uri, null, null))) {
                assertThat(client.get("/").text()).isEqualTo("unix");
                assertThat(client.get("/").text()).isEqualTo("unix");
            }
        }
    }

    private static void serve(ServerSocketChannel server) {
        try (SocketChannel channel = server.accept()) {
            InputStream in = Channels.newInputStream(channel);
            OutputStream out = Channels.newOutputStream(channel);
            while (true) {
                Wire.head(in);
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // The proxy closed it, or the test.
        }
    }
}
