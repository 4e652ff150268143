package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Chromium loads a page through the shipped program: over HTTP/2, with a WebSocket and an event stream, while the site moves. Needs
 * Debian's chromium, which is why it is no part of an ordinary build.
 */
@Tag("long")
@Timeout(300)
class BrowserIT {
    @TempDir
    Path folder;

    @Test
    void aPageWithAWebSocketAndAnEventStreamGoesOnAtTheNewSide() throws Exception {
        try (NodeSite old = new NodeSite("old");
                NodeSite next = new NodeSite("new");
                DistProxy proxy =
                        DistProxy.run(Configs.tls(folder, old.uri(), next.uri(), "gate.close_over = \"1s\""));
                Program chromium = chromium("https://localhost:" + proxy.port("https") + "/page")) {
            AdminSocket admin = Configs.admin(folder);
            ObjectMapper json = new ObjectMapper();
            JsonNode first = json.readTree(old.awaitPost("/result"));
            assertThat(first.at("/protocol").asText()).isEqualTo("h2");
            assertThat(first.at("/pictures").asInt()).isEqualTo(20);
            assertThat(first.at("/side").asText()).isEqualTo("old");

            admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test");
            admin.done("POST", "/v1/flip?to=new&drained=true");
            admin.done("POST", "/v1/release?wait=20s");

            JsonNode second = json.readTree(next.awaitPost("/result"));
            assertThat(second.at("/side").asText()).as("the page's streams").isEqualTo("new");
            assertThat(StreamSupport.stream(second.at("/codes").spliterator(), false)
                            .map(JsonNode::asInt)
                            .toList())
                    .as("service restart, and nothing else")
                    .containsExactly(1012);
            assertThat(chromium.running()).isTrue();
        }
    }

    /** With a fresh profile, and nothing that asks anybody but the page's server. */
    private Program chromium(String url) throws Exception {
        Path home = Files.createDirectory(folder.resolve("browser"));
        return Program.start(
                Map.of("HOME", home.toString()),
                List.of(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--disable-dev-shm-usage",
                        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + home.resolve("profile"),
                        "--ignore-certificate-errors-spki-list=" + keyHash(),
                        url));
    }

    /** SHA-256 over the public key of the proxy's own certificate. */
    private String keyHash() throws Exception {
        try (InputStream in = Files.newInputStream(Configs.certificate(folder))) {
            byte[] key = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey()
                    .getEncoded();
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
        }
    }
}
