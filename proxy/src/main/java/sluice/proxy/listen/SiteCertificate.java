package sluice.proxy.listen;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A certificate chain with its key.
 *
 * @param source the folder that it came from, for messages
 * @param chain the site's own certificate first
 */
public record SiteCertificate(Path source, List<X509Certificate> chain, PrivateKey key) {
    static final String CHAIN = "fullchain.pem";
    static final String KEY = "privkey.pem";

    /** RFC 5280 section 4.2.1.6: the number of dNSName among the alternative names. */
    private static final Integer DNS_NAME = 2;

    /**
     * Reads {@code fullchain.pem} and {@code privkey.pem}.
     *
     * @throws CertificateProblem when they cannot be used together
     */
    public static SiteCertificate read(Path folder) throws CertificateProblem {
        Path chainFile = folder.resolve(CHAIN);
        Path keyFile = folder.resolve(KEY);
        List<X509Certificate> chain = new PemFile(chainFile).certificates();
        PrivateKey key = new PemFile(keyFile).privateKey();
        if (!fits(key, chain.get(0).getPublicKey())) {
            throw new CertificateProblem(keyFile + " is not the key of the first certificate in " + chainFile
                    + (chain.stream().anyMatch(other -> fits(key, other.getPublicKey()))
                            ? ", but of another one in it: the site's own certificate must come first"
                            : ": they belong to different orders"));
        }
        return new SiteCertificate(folder, chain, key);
    }

    /** The names that the certificate is for, in lower case; one may begin with {@code *.}. */
    public List<String> names() {
        try {
            Collection<List<?>> names = chain.get(0).getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> DNS_NAME.equals(name.get(0)))
                            .map(name -> ((String) name.get(1)).toLowerCase(Locale.ROOT))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    /** Whether the certificate is for this host (RFC 6125 section 6.4.3: a star stands for one whole label). */
    public boolean isFor(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int dot = name.indexOf('.');
        String starred = dot < 0 ? name : "*" + name.substring(dot);
        return names().stream().anyMatch(own -> own.equals(name) || own.equals(starred));
    }

    public Instant expires() {
        return chain.get(0).getNotAfter().toInstant();
    }

    /** Whether the certificate is valid at this time. */
    boolean validAt(Instant now) {
        return !now.isAfter(expires())
                && !now.isBefore(chain.get(0).getNotBefore().toInstant());
    }

    /** What is wrong with the order of the chain: each has to be issued by the one behind it (RFC 5246 section 7.4.2). */
    @Nullable
    String chainMistake() {
        for (int i = 0; i + 1 < chain.size(); i++) {
            X509Certificate certificate = chain.get(i);
            X509Certificate issuer = chain.get(i + 1);
            try {
                if (certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                    certificate.verify(issuer.getPublicKey());
                    continue;
                }
            } catch (GeneralSecurityException e) {
                // Same name, other key: not the issuer.
            }
            return source.resolve(CHAIN) + ": certificate " + (i + 1) + " (" + certificate.getSubjectX500Principal()
                    + ") is not issued by the one behind it (" + issuer.getSubjectX500Principal()
                    + "): write the site's own first, then its issuer, and so on";
        }
        return null;
    }

    /** What browsers would complain about, though it can be used: expired, not valid yet, a domain that it is not for. */
    public List<String> warnings(List<String> domains, Instant now) {
        Instant begins = chain.get(0).getNotBefore().toInstant();
        Stream<String> time = Stream.of();
        if (now.isAfter(expires())) {
            time = Stream.of("the certificate in " + source + " expired at " + expires() + ": renew it");
        } else if (now.isBefore(begins)) {
            time = Stream.of("the certificate in " + source + " is not valid before " + begins + ": check the clock");
        }
        return Stream.concat(
                        time,
                        domains.stream()
                                .filter(domain -> !isFor(domain))
                                .map(domain -> "the certificate in " + source + " is not for " + domain + " but for "
                                        + names()))
                .toList();
    }

    private static boolean fits(PrivateKey key, PublicKey publicKey) {
        String algorithm = publicKey instanceof RSAPublicKey
                ? "SHA256withRSA"
                : publicKey instanceof ECPublicKey ? "SHA256withECDSA" : publicKey.getAlgorithm();
        byte[] sample = {'s', 'l', 'u', 'i', 'c', 'e'};
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(sample);
            byte[] signature = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(publicKey);
            verifier.update(sample);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
