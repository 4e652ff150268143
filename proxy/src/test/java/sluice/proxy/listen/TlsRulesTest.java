package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What handshakes are refused: client certificates, old protocols, weak ciphers. With openssl, which can ask for all of it. */
class TlsRulesTest {
    private final Instant now = Instant.now().minusSeconds(60);
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Listeners listeners = TestListeners.of(loops);

    @TempDir
    Path folder;

    private KeyPair authorityPair;
    private X509Certificate authority;

    @BeforeEach
    void makeAuthority() throws Exception {
        authorityPair = TestCertificates.ec();
        authority = TestCertificates.authority(authorityPair, "CN=origin pull", now);
    }

    @AfterEach
    void close() {
        listeners.stopAccepting();
        listeners.closeConnections();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void onlyClientsWithACertificateOfTheAuthorityGetIn(String protocol) throws Exception {
        try (TlsServer tls = TlsServer.of(List.of(server(TestCertificates.ec())), List.of(authority))) {
            InetSocketAddress address = listeners.https(TestTls.loopback(0), tls, TestTls::echo);
            KeyPair otherPair = TestCertificates.ec();
            // The same name, another key.
            X509Certificate other = TestCertificates.authority(otherPair, "CN=origin pull", now);

            String none = OpensslClient.run(address, protocol);
            assertThat(OpensslClient.echoed(none)).as(none).isFalse();
            String stranger = OpensslClient.run(address, with(protocol, client("stranger", other, otherPair)));
            assertThat(OpensslClient.echoed(stranger)).as(stranger).isFalse();
            String[] good = with(protocol, client("good", authority, authorityPair));
            String welcome = OpensslClient.run(address, good);
            assertThat(OpensslClient.echoed(welcome)).as(welcome).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void aSessionIsResumedOnlyIfItsCertificateWasLookedAt(String protocol) throws Exception {
        KeyPair pair = TestCertificates.ec();
        Path session = folder.resolve("session");
        // A ticket of a server that asks for nothing is none for one that does, though it has the same certificate.
        try (TlsServer open = TlsServer.of(List.of(server(pair)), true)) {
            InetSocketAddress address = listeners.https(TestTls.loopback(0), open, TestTls::echo);
            OpensslClient.run(address, protocol, "-sess_out", session.toString());
            assertThat(OpensslClient.resumed(OpensslClient.run(address, protocol, "-sess_in", session.toString())))
                    .isTrue();
        }
        try (TlsServer tls = TlsServer.of(List.of(server(pair)), List.of(authority))) {
            InetSocketAddress address = listeners.https(TestTls.loopback(0), tls, TestTls::echo);
            String taken = OpensslClient.run(address, protocol, "-sess_in", session.toString());
            assertThat(OpensslClient.echoed(taken)).as(taken).isFalse();
            Files.delete(session);
            OpensslClient.run(address, protocol, "-sess_out", session.toString());
            if (Files.exists(session)) {
                String refused = OpensslClient.run(address, protocol, "-sess_in", session.toString());
                assertThat(OpensslClient.echoed(refused)).as(refused).isFalse();
                Files.delete(session);
            }

            String[] good = with(protocol, client("good", authority, authorityPair));
            String[] first = with(protocol, good[1], good[2], good[3], good[4], "-sess_out", session.toString());
            assertThat(OpensslClient.echoed(OpensslClient.run(address, first))).isTrue();
            String again = OpensslClient.run(
                    address, with(protocol, good[1], good[2], good[3], good[4], "-sess_in", session.toString()));
            assertThat(OpensslClient.resumed(again) && OpensslClient.echoed(again))
                    .as(again)
                    .isTrue();
        }
    }

    @Test
    void oldProtocolsAndWeakCiphersAreRefused() throws Exception {
        for (KeyPair pair : List.of(TestCertificates.ec(), TestCertificates.rsa())) {
            try (TlsServer tls = TlsServer.of(List.of(server(pair)), true)) {
                InetSocketAddress address = listeners.https(TestTls.loopback(0), tls, TestTls::echo);
                for (String old : List.of("-tls1", "-tls1_1")) {
                    String said = OpensslClient.run(address, old, "-cipher", "ALL:@SECLEVEL=0");
                    assertThat(OpensslClient.echoed(said)).as(said).isFalse();
                }
                String weak = OpensslClient.run(
                        address,
                        "-tls1_2",
                        "-cipher",
                        // CBC, SHA-1, keys without forward secrecy, no authentication, no encryption: all that is left.
                        "ALL:COMPLEMENTOFALL:!ECDHE+AESGCM:!ECDHE+CHACHA20:@SECLEVEL=0");
                assertThat(OpensslClient.echoed(weak)).as(weak).isFalse();
                for (String good : List.of("ECDHE+AESGCM", "ECDHE+CHACHA20")) {
                    String said = OpensslClient.run(address, "-tls1_2", "-cipher", good);
                    assertThat(OpensslClient.echoed(said)).as(said).isTrue();
                    assertThat(said)
                            .contains("Compression: NONE", "Extended master secret: yes", "Server Temp Key: X25519");
                }
                String three = OpensslClient.run(address, "-tls1_3");
                assertThat(three).contains("TLSv1.3, Cipher is TLS_").contains("Early data was not sent");
                assertThat(three).contains("Max Early Data: 0");
            }
        }
    }

    @Test
    void aHandshakeIsNotDoneAgain() throws Exception {
        try (TlsServer tls = TlsServer.of(List.of(server(TestCertificates.ec())), true)) {
            InetSocketAddress address = listeners.https(TestTls.loopback(0), tls, TestTls::echo);
            // A line of a single R makes s_client ask for another handshake.
            String said = OpensslClient.saying("R\n", address, "-tls1_2");
            assertThat(said).contains("RENEGOTIATING").containsAnyOf("no renegotiation", "alert", "errno");
        }
    }

    private SiteCertificate server(KeyPair pair) throws Exception {
        return new SiteCertificate(
                Path.of("test"),
                List.of(TestCertificates.certificate(pair, now, Duration.ofDays(1), "a.example")),
                pair.getPrivate());
    }

    /** Arguments with a client's certificate of this issuer. */
    private String[] client(String name, X509Certificate issuer, KeyPair issuerPair) throws Exception {
        KeyPair pair = TestCertificates.ec();
        Path files = TestCertificates.folder(
                folder.resolve(name),
                pair.getPrivate(),
                TestCertificates.issued(pair, "CN=" + name, issuer, issuerPair, now, name + ".example"));
        return new String[] {
            "-cert",
            files.resolve("fullchain.pem").toString(),
            "-key",
            files.resolve("privkey.pem").toString()
        };
    }

    private static String[] with(String first, String... more) {
        String[] all = new String[more.length + 1];
        all[0] = first;
        System.arraycopy(more, 0, all, 1, more.length);
        return all;
    }
}
