package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** testssl.sh looks at the shipped program's TLS and finds nothing above LOW but what is known. */
@Tag("long")
@Timeout(600)
class TlsScanIT {
    private static final Set<String> FINE = Set.of("OK", "INFO", "LOW");

    /**
     * What it says of any site that compresses dynamic answers, as nginx does for Mastodon: BREACH needs a secret in an answer that
     * also repeats what the attacker sends, and Rails masks the one that there is, its CSRF token, anew in each answer.
     */
    private static final Map<String, String> KNOWN = Map.of("BREACH", "MEDIUM");

    @TempDir
    Path folder;

    @Test
    void nothingAboveLow() throws Exception {
        certificate();
        Path found = folder.resolve("found.json");
        try (BulkSite site = new BulkSite();
                DistProxy proxy = DistProxy.run(Configs.tlsWith(folder, site.uri(), "certificates = [\"live\"]"))) {
            Program.said(
                    "sh",
                    "-c",
                    "testssl --quiet --color 0 --warnings off --add-ca \"$1\" --jsonfile \"$2\" \"$3\" || true",
                    "sh",
                    folder.resolve("ca.pem").toString(),
                    found.toString(),
                    "https://localhost:" + proxy.port("https"));
        }
        JsonNode all;
        try (InputStream in = Files.newInputStream(found)) {
            all = new ObjectMapper().readTree(in);
        }
        List<String> bad = new ArrayList<>();
        boolean looked = false;
        for (JsonNode one : all) {
            String id = one.at("/id").asText();
            String severity = one.at("/severity").asText();
            looked |= id.equals("TLS1_3") && severity.equals("OK");
            // What testssl.sh has to say about its own OpenSSL is none about the proxy.
            if (!FINE.contains(severity) && !id.equals("engine_problem") && !severity.equals(KNOWN.get(id))) {
                bad.add(severity + " " + id + ": " + one.at("/finding").asText());
            }
        }
        assertThat(looked).as("it got as far as TLS 1.3: %s", all.size()).isTrue();
        assertThat(bad).isEmpty();
    }

    /** As a real one: of an authority, with a place to ask whether it was revoked, for ninety days. */
    private void certificate() throws Exception {
        Path live = Files.createDirectory(folder.resolve("live"));
        Files.writeString(folder.resolve("extensions"), """
                subjectAltName=DNS:localhost
                keyUsage=digitalSignature
                extendedKeyUsage=serverAuth
                basicConstraints=CA:FALSE
                crlDistributionPoints=URI:http://localhost/none.crl
                """);
        openssl("req -x509 -newkey rsa:2048 -nodes -days 900 -subj /CN=CA -addext keyUsage=critical,keyCertSign,cRLSign"
                + " -keyout ca.key -out ca.pem");
        openssl("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost"
                + " -keyout live/privkey.pem -out request");
        openssl("x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 90 -extfile extensions"
                + " -out leaf.pem");
        Files.writeString(
                live.resolve("fullchain.pem"),
                Files.readString(folder.resolve("leaf.pem")) + Files.readString(folder.resolve("ca.pem")));
        Files.setPosixFilePermissions(live.resolve("privkey.pem"), PosixFilePermissions.fromString("rw-------"));
    }

    private void openssl(String arguments) throws Exception {
        Program.said("sh", "-c", "cd \"$1\" && openssl " + arguments, "sh", folder.toString());
    }
}
