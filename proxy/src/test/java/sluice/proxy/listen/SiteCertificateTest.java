package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.OtherSites;

class SiteCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);

    @TempDir
    Path folder;

    @Test
    void readsPkcs1Sec1AndPkcs8Keys() throws Exception {
        KeyPair rsa = TestCertificates.rsa();
        KeyPair p256 = TestCertificates.ec();
        KeyPair p384 = TestCertificates.ec("secp384r1");

        assertThat(read(rsa, new JcaMiscPEMGenerator(rsa.getPrivate())).key()).isEqualTo(rsa.getPrivate());
        assertThat(keyFile()).startsWith("-----BEGIN RSA PRIVATE KEY-----");
        assertThat(secret(read(p256, TestCertificates.sec1(p256)).key())).isEqualTo(secret(p256.getPrivate()));
        assertThat(keyFile()).startsWith("-----BEGIN EC PRIVATE KEY-----");
        for (KeyPair pair : List.of(rsa, p256, p384)) {
            assertThat(read(pair, new JcaPKCS8Generator(pair.getPrivate(), null))
                            .key())
                    .isEqualTo(pair.getPrivate());
            assertThat(keyFile()).startsWith("-----BEGIN PRIVATE KEY-----");
        }
    }

    @Test
    void readsWhatOpensslWritesWithParametersBeforeTheKey() throws Exception {
        KeyPair pair = TestCertificates.ec();
        read(pair, TestCertificates.sec1(pair));
        // The name of the curve prime256v1, as "openssl ecparam -genkey" puts it in front.
        Files.writeString(
                folder.resolve("privkey.pem"),
                "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + keyFile());

        assertThat(secret(SiteCertificate.read(folder).key())).isEqualTo(secret(pair.getPrivate()));
    }

    @Test
    void keepsTheChainInOrder() throws Exception {
        KeyPair pair = TestCertificates.ec();
        X509Certificate own = TestCertificates.certificate(pair, NOW, YEAR, "a.example");
        X509Certificate issuer = TestCertificates.certificate(TestCertificates.rsa(), NOW, YEAR, "ca.example");
        TestCertificates.folder(folder, pair.getPrivate(), own, issuer);

        assertThat(SiteCertificate.read(folder).chain()).containsExactly(own, issuer);

        TestCertificates.folder(folder, pair.getPrivate(), issuer, own);
        assertThat(new PemCheck().mistakeInFolder(folder)).contains("the site's own certificate must come first");
    }

    @Test
    void refusesEncryptedKeysAndSaysWhatToDo() throws Exception {
        KeyPair pair = TestCertificates.rsa();
        Object traditional = new JcaMiscPEMGenerator(
                pair.getPrivate(),
                new JcePEMEncryptorBuilder("AES-128-CBC")
                        .setProvider(new BouncyCastleProvider())
                        .build("secret".toCharArray()));
        Object pkcs8 = new JcaPKCS8Generator(
                pair.getPrivate(),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                        .setProvider(new BouncyCastleProvider())
                        .setPassword("secret".toCharArray())
                        .setRandom(new SecureRandom())
                        .build());

        for (Object key : List.of(traditional, pkcs8)) {
            assertThatThrownBy(() -> read(pair, key))
                    .isInstanceOf(CertificateProblem.class)
                    .hasMessageContaining(folder.resolve("privkey.pem") + " is encrypted")
                    .hasMessageContaining("openssl pkey");
        }
    }

    @Test
    void refusesAKeyOfAnotherCertificate() throws Exception {
        KeyPair pair = TestCertificates.ec();
        for (KeyPair other : List.of(TestCertificates.ec(), TestCertificates.rsa())) {
            assertThatThrownBy(() -> read(pair, other.getPrivate()))
                    .isInstanceOf(CertificateProblem.class)
                    .hasMessageContaining("privkey.pem is not the key of the first certificate in")
                    .hasMessageContaining("they belong to different orders");
        }
    }

    @Test
    void saysWhichFileIsMissingOrHoldsNothing() throws Exception {
        assertThat(new PemCheck().mistakeInFolder(folder))
                .isEqualTo(folder.resolve("fullchain.pem") + " does not exist");
        KeyPair pair = TestCertificates.ec();
        read(pair, pair.getPrivate());
        assertThat(new PemCheck().mistakeInFolder(folder)).isNull();

        assertThat(new PemCheck().mistakeInAuthorities(folder.resolve("fullchain.pem")))
                .isNull();
        assertThat(new PemCheck().mistakeInAuthorities(folder.resolve("privkey.pem")))
                .contains("holds no certificate");

        Files.writeString(folder.resolve("privkey.pem"), "");
        assertThat(new PemCheck().mistakeInFolder(folder)).contains("privkey.pem holds no private key");
        Files.writeString(folder.resolve("fullchain.pem"), TestCertificates.pem(pair.getPrivate()));
        assertThat(new PemCheck().mistakeInFolder(folder)).contains("fullchain.pem holds no certificate");
        Files.writeString(
                folder.resolve("fullchain.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertThat(new PemCheck().mistakeInFolder(folder)).contains("fullchain.pem");
    }

    @Test
    void warnsOfWhatBrowsersRefuse() throws Exception {
        KeyPair pair = TestCertificates.ec();
        SiteCertificate certificate = new SiteCertificate(
                folder,
                List.of(TestCertificates.certificate(pair, NOW, YEAR, "a.example", "*.b.example")),
                pair.getPrivate());

        assertThat(certificate.warnings(List.of("A.example", "x.b.example"), NOW))
                .isEmpty();
        assertThat(certificate.warnings(List.of(), NOW.plus(YEAR).plusSeconds(1)))
                .singleElement()
                .asString()
                .contains("expired at 2027-11-23T12:00:00Z");
        assertThat(certificate.warnings(List.of(), NOW.minusSeconds(1)))
                .singleElement()
                .asString()
                .contains("not valid before");
        assertThat(certificate.warnings(List.of("b.example", "x.y.b.example"), NOW))
                .hasSize(2);
    }

    @Test
    void aDomainIsFineWhenAnyCertificateIsForIt() throws Exception {
        KeyPair pair = TestCertificates.ec();
        SiteCertificate a = new SiteCertificate(
                folder, List.of(TestCertificates.certificate(pair, NOW, YEAR, "a.example")), pair.getPrivate());
        SiteCertificate b = new SiteCertificate(
                folder, List.of(TestCertificates.certificate(pair, NOW, YEAR, "b.example")), pair.getPrivate());

        assertThat(TlsServer.warnings(List.of(a, b), List.of("a.example", "b.example"), NOW))
                .isEmpty();
        assertThat(TlsServer.warnings(List.of(a, b), List.of("c.example"), NOW)).hasSize(2);
    }

    @Test
    void warnsOfAChainInTheWrongOrderAndOfNamesOfOtherSites() throws Exception {
        KeyPair pair = TestCertificates.ec();
        X509Certificate own = TestCertificates.certificate(pair, NOW, YEAR, "a.example", "*.b.example");
        X509Certificate stranger = TestCertificates.authority(TestCertificates.ec(), "CN=stranger", NOW);
        SiteCertificate certificate = new SiteCertificate(folder, List.of(own, stranger), pair.getPrivate());

        assertThat(TlsServer.warnings(List.of(certificate), List.of("a.example"), NOW))
                .singleElement()
                .asString()
                .contains("fullchain.pem: certificate 1 (CN=test) is not issued by the one behind it (CN=stranger)");
        InetSocketAddress target = TestTls.loopback(8443);
        OtherSites others = new OtherSites(
                List.of(
                        new OtherSites.Site(List.of("blog.b.example", "c.example", "*.b.example"), target, null, false),
                        new OtherSites.Site(List.of("d.b.example"), null, target, false)),
                null);
        assertThat(TlsServer.shared(certificate, others))
                .hasSize(2)
                .first()
                .asString()
                .contains("is for blog.b.example too, which other_sites passes on");
    }

    private SiteCertificate read(KeyPair pair, Object key) throws Exception {
        TestCertificates.folder(folder, key, TestCertificates.certificate(pair, NOW, YEAR, "a.example"));
        return SiteCertificate.read(folder);
    }

    private static BigInteger secret(PrivateKey key) {
        return ((ECPrivateKey) key).getS();
    }

    private String keyFile() throws IOException {
        return Files.readString(folder.resolve("privkey.pem"));
    }
}
