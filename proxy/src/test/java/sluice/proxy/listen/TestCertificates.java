package sluice.proxy.listen;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** Keys and certificates made for a test. */
public final class TestCertificates {
    private TestCertificates() {}

    public static KeyPair ec() throws Exception {
        return ec("secp256r1");
    }

    static KeyPair ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    public static X509Certificate certificate(KeyPair pair, Instant begins, Duration valid, String... names)
            throws Exception {
        X500Name name = new X500Name("CN=test");
        GeneralName[] general = List.of(names).stream()
                .map(dns -> new GeneralName(GeneralName.dNSName, dns))
                .toArray(GeneralName[]::new);
        String algorithm = pair.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.valueOf(7),
                                Date.from(begins),
                                Date.from(begins.plus(valid)),
                                name,
                                pair.getPublic())
                        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(general))
                        .build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate())));
    }

    /** A key as {@code openssl ecparam -genkey} writes it (RFC 5915). */
    static PemObject sec1(KeyPair pair) throws IOException {
        ECPrivateKey key = (ECPrivateKey) pair.getPrivate();
        return new PemObject(
                "EC PRIVATE KEY",
                new org.bouncycastle.asn1.sec.ECPrivateKey(
                                key.getParams().getOrder().bitLength(), key.getS(), SECObjectIdentifiers.secp256r1)
                        .getEncoded());
    }

    /** A folder as certbot leaves it; {@code key} is anything that can be written as PEM, a bare key becomes PKCS#8. */
    public static Path folder(Path folder, Object key, X509Certificate... chain) throws Exception {
        Files.createDirectories(folder);
        Object written = key instanceof PrivateKey bare ? new JcaPKCS8Generator(bare, null) : key;
        Files.writeString(folder.resolve("privkey.pem"), pem(written));
        Files.writeString(folder.resolve("fullchain.pem"), pem((Object[]) chain));
        return folder;
    }

    static String pem(Object... objects) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (Object object : objects) {
                writer.writeObject(object);
            }
        }
        return text.toString();
    }
}
