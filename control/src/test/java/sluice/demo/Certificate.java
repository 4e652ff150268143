package sluice.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import sluice.testbed.LocalProcess;

/** A certificate of the demo's own, made with the JDK's keytool and written as a proxy wants it: PEM files in a folder. */
final class Certificate {
    private static final String PASSWORD = "only-for-the-demo";

    private Certificate() {}

    /** Makes {@code fullchain.pem} and {@code privkey.pem} (readable for us only) in {@code folder}. */
    static Path make(Path folder, String domain) throws IOException {
        Path store = folder.resolve("demo.p12");
        LocalProcess.run(
                Duration.ofSeconds(60),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "demo",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=" + domain,
                        "-ext",
                        "san=dns:" + domain,
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString()));
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            Path key = folder.resolve("privkey.pem");
            Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    key,
                    pem(
                            "PRIVATE KEY",
                            keys.getKey("demo", PASSWORD.toCharArray()).getEncoded()));
            Path chain = folder.resolve("fullchain.pem");
            Files.writeString(
                    chain, pem("CERTIFICATE", keys.getCertificate("demo").getEncoded()));
            return chain;
        } catch (GeneralSecurityException e) {
            throw new IOException("what keytool made cannot be used: " + store, e);
        } finally {
            Files.delete(store);
        }
    }

    private static String pem(String type, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(encoded);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
