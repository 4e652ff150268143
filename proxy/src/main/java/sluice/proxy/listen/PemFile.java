package sluice.proxy.listen;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Reads PEM files (RFC 7468): certificate chains, and private keys in PKCS#1, SEC1 and PKCS#8 form. */
final class PemFile {
    private final Path file;

    PemFile(Path file) {
        this.file = file;
    }

    /** The certificates in the order of the file, at least one. */
    List<X509Certificate> certificates() throws CertificateProblem {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Object block : blocks()) {
                if (block instanceof X509CertificateHolder holder) {
                    chain.add((X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
                }
            }
        } catch (CertificateException | IOException e) {
            throw new CertificateProblem(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
        if (chain.isEmpty()) {
            throw new CertificateProblem(file + " holds no certificate (-----BEGIN CERTIFICATE-----)");
        }
        return List.copyOf(chain);
    }

    /** The first private key of the file. */
    PrivateKey privateKey() throws CertificateProblem {
        for (Object block : blocks()) {
            if (block instanceof PEMEncryptedKeyPair || block instanceof PKCS8EncryptedPrivateKeyInfo) {
                throw new CertificateProblem(
                        file + " is encrypted, and nobody is there to type the passphrase; write it"
                                + " without one: openssl pkey -in privkey.pem -out plain.pem");
            }
            if (block instanceof PEMKeyPair pair) {
                return converted(pair.getPrivateKeyInfo());
            }
            if (block instanceof PrivateKeyInfo key) {
                return converted(key);
            }
        }
        throw new CertificateProblem(file + " holds no private key (-----BEGIN PRIVATE KEY-----)");
    }

    private PrivateKey converted(PrivateKeyInfo key) throws CertificateProblem {
        try {
            return new JcaPEMKeyConverter().getPrivateKey(key);
        } catch (PEMException e) {
            throw new CertificateProblem(
                    file + " holds a private key that cannot be used: " + e.getMessage() + "; RSA and EC keys can", e);
        }
    }

    private List<Object> blocks() throws CertificateProblem {
        List<Object> blocks = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file);
                PEMParser parser = new PEMParser(reader)) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                blocks.add(block);
            }
        } catch (NoSuchFileException e) {
            throw new CertificateProblem(file + " does not exist", e);
        } catch (IOException e) {
            throw new CertificateProblem(file + " cannot be read: " + e, e);
        }
        return blocks;
    }
}
