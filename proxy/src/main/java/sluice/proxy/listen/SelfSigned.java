package sluice.proxy.listen;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate of the proxy's own (P-256), kept in a folder so that a restart does not change it. A new one is made when
 * there is none, when the domains are other ones, and when the one that is there ends within thirty days.
 */
final class SelfSigned {
    private static final Duration VALID = Duration.ofDays(825);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);
    private static final Duration CLOCK_SKEW = Duration.ofDays(1);
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path folder;
    private final List<String> domains;
    private final Instant now;

    SelfSigned(Path folder, List<String> domains, Instant now) {
        this.folder = folder;
        this.domains = domains;
        this.now = now;
    }

    SiteCertificate get() throws CertificateProblem {
        if (Files.exists(folder.resolve("fullchain.pem")) && Files.exists(folder.resolve("privkey.pem"))) {
            SiteCertificate kept = SiteCertificate.read(folder);
            if (domains.stream().allMatch(kept::isFor) && now.plus(RENEW_BEFORE).isBefore(kept.expires())) {
                return kept;
            }
        }
        make();
        return SiteCertificate.read(folder);
    }

    private void make() throws CertificateProblem {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            Files.createDirectories(folder, OWNER_ONLY_FOLDER);
            write("privkey.pem", new JcaPKCS8Generator(pair.getPrivate(), null));
            write("fullchain.pem", certificate(pair));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new CertificateProblem(
                    "the certificate of the proxy's own cannot be made in " + folder + ": " + e, e);
        }
    }

    private X509CertificateHolder certificate(KeyPair pair) throws OperatorCreationException, IOException {
        X500Name name = new X500NameBuilder()
                .addRDN(BCStyle.O, "Sluice")
                .addRDN(BCStyle.OU, "self-signed")
                .build();
        GeneralName[] names = domains.stream()
                .map(domain -> new GeneralName(GeneralName.dNSName, domain))
                .toArray(GeneralName[]::new);
        return new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(159, new SecureRandom()),
                        Date.from(now.minus(CLOCK_SKEW)),
                        Date.from(now.plus(VALID)),
                        name,
                        pair.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    }

    /** The file is never there by halves, and never readable for others. */
    private void write(String name, Object content) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(content);
        }
        Path part = folder.resolve(name + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, OWNER_ONLY);
        Files.writeString(part, text.toString(), StandardOpenOption.WRITE);
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
