package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shipped program and the clients that people use: curl, and node's WebSockets. Browsers: {@link BrowserIT}. */
@Timeout(180)
class RealClientsIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"--http1.0, 1.1", "--http1.1, 1.1", "--http2, 2"})
    void curlOfEachProtocol(String option, String answered) throws Exception {
        byte[] much = new byte[3 << 20];
        new Random(3).nextBytes(much);
        Path upload = Files.write(folder.resolve("upload"), much);
        try (NodeSite old = new NodeSite("old");
                DistProxy proxy = DistProxy.run(Configs.tls(folder, old.uri(), old.uri(), ""))) {
            String base = "https://localhost:" + proxy.port("https");
            assertThat(curl(option, base + "/about")).isEqualTo("old 200 " + answered);
            assertThat(curl(option, "--head", "-o", "/dev/null", base + "/about"))
                    .isEqualTo(" 200 " + answered);
            assertThat(curl(option, "--data", "a=b", base + "/api/v1/statuses")).isEqualTo("old 3 200 " + answered);
            assertThat(curl(option, "--upload-file", upload.toString(), base + "/api/v2/media"))
                    .isEqualTo("old " + much.length + " 200 " + answered);
            assertThat(curl(option, "--form", "file=@" + upload, "-o", "/dev/null", base + "/api/v2/media"))
                    .isEqualTo(" 200 " + answered);
            // One connection for both.
            assertThat(curl(option, base + "/one", base + "/two"))
                    .isEqualTo("old 200 " + answered + "old 200 " + answered);
        }
    }

    private String curl(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--cacert",
                Configs.certificate(folder).toString(),
                "--write-out",
                " %{http_code} %{http_version}"));
        command.addAll(List.of(arguments));
        return Program.said(command.toArray(String[]::new));
    }

    @Test
    void webSocketsOfNodeGoThroughAHoldAndAreSentToTheNewSide() throws Exception {
        try (NodeSite old = new NodeSite("old");
                NodeSite next = new NodeSite("new");
                DistProxy proxy =
                        DistProxy.run(Configs.tls(folder, old.uri(), next.uri(), "gate.close_over = \"0s\""))) {
            AdminSocket admin = Configs.admin(folder);
            String url = "wss://localhost:" + proxy.port("https") + "/api/v1/streaming";
            try (Program before = webSocket(url)) {
                before.awaitLine("open");
                before.type("one");
                before.awaitLine("got old: one");

                admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test");
                before.type("two");
                before.awaitLine("got old: two");
                try (Program during = webSocket(url)) {
                    admin.awaitState(state -> state.at("/gate/waiting").asInt() == 1);
                    assertThat(during.lines()).isEmpty();

                    admin.done("POST", "/v1/flip?to=new&drained=true");
                    admin.done("POST", "/v1/release?wait=20s");
                    during.awaitLine("open");
                    during.type("three");
                    during.awaitLine("got new: three");
                    assertThat(before.awaitLine("closed "))
                            .as("service restart")
                            .isEqualTo("1012");
                    during.type("four");
                    during.awaitLine("got new: four");
                }
            }
        }
    }

    private Program webSocket(String url) throws Exception {
        Map<String, String> environment = new HashMap<>(NodeSite.PACKAGES);
        environment.put("NODE_EXTRA_CA_CERTS", Configs.certificate(folder).toString());
        return Program.start(
                environment,
                List.of("node", NodeSite.CLIENTS.resolve("ws-client.js").toString(), url));
    }
}
