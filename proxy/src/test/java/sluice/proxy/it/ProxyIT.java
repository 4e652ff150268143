package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped program between real clients and two sites, driven through its admin socket and by signals. */
class ProxyIT {
    private static final String STATUSES = "/api/v1/statuses";

    @TempDir
    Path folder;

    private Site old;
    private Site next;
    private AdminSocket admin;

    @BeforeEach
    void sites() throws IOException {
        old = new Site("old");
        next = new Site("new");
        admin = new AdminSocket(folder.resolve("admin.sock"));
    }

    @AfterEach
    void close() {
        old.close();
        next.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void servesOverTls(String protocol) throws Exception {
        try (DistProxy proxy = DistProxy.run(config(""))) {
            HttpResponse<String> answer = client(proxy, protocol).get("/about?x=1");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("old");
            assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo(protocol);
            assertThat(old.seen()).containsExactly("GET /about?x=1");
        }
    }

    @Test
    void theSideThatNobodyIsSentToIsTriedToo() throws Exception {
        try (DistProxy proxy = DistProxy.run(config(""))) {
            assertThat(admin.state().at("/upstreams/new/healthy").asBoolean()).isTrue();
            next.close();
            admin.awaitState(state -> !state.at("/upstreams/new/healthy").asBoolean());
            assertThat(admin.state().at("/upstreams/old/healthy").asBoolean()).isTrue();
            assertThat(client(proxy, "TLSv1.3").get("/about").body()).isEqualTo("old");
            assertThat(old.seen()).as("only connected to").containsExactly("GET /about");
        }
    }

    @Test
    void plainHttpIsSentToHttps() throws Exception {
        try (DistProxy proxy = DistProxy.run(config(""))) {
            HttpURLConnection plain =
                    (HttpURLConnection) URI.create("http://127.0.0.1:" + proxy.port("http") + "/about?x=1")
                            .toURL()
                            .openConnection();
            plain.setInstanceFollowRedirects(false);

            assertThat(plain.getResponseCode()).isEqualTo(301);
            assertThat(plain.getHeaderField("Location")).isEqualTo("https://127.0.0.1/about?x=1");
            assertThat(old.seen()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void writesWaitReadsPassAndEverythingArrivesAtTheNewSide(HttpClient.Version version) throws Exception {
        try (DistProxy proxy = DistProxy.run(config(""))) {
            Client client = client(proxy, "TLSv1.3", version);
            HttpResponse<String> first = client.post(STATUSES, "one").get();
            assertThat(first.version()).isEqualTo(version);
            assertThat(first.body()).isEqualTo("old");

            JsonNode held = admin.done("POST", "/v1/hold?ttl=60s&wait=20s&owner=test");
            assertThat(held.at("/gate/phase").asText()).isEqualTo("drained");
            CompletableFuture<HttpResponse<String>> write = client.post(STATUSES, "two");
            admin.awaitState(state -> state.at("/gate/waiting").asInt() == 1);
            assertThat(client.get("/during").body()).isEqualTo("old");
            assertThat(write).isNotDone();

            assertThat(admin.done("POST", "/v1/flip?to=new").at("/active").asText())
                    .isEqualTo("new");
            assertThat(client.get("/after").body()).isEqualTo("new");
            assertThat(write).isNotDone();
            String hold = held.at("/gate/hold/id").asText();
            JsonNode released = admin.done("POST", "/v1/release?hold=" + hold + "&wait=20s");
            assertThat(released.at("/gate/phase").asText()).isEqualTo("open");

            HttpResponse<String> late = write.get(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(late.statusCode()).isEqualTo(200);
            assertThat(late.body()).isEqualTo("new");
            assertThat(old.seen()).containsExactly("POST " + STATUSES + " one", "GET /during");
            assertThat(next.seen()).containsExactly("GET /after", "POST " + STATUSES + " two");
            JsonNode totals = admin.state().at("/totals");
            assertThat(totals.at("/parked").asInt()).isEqualTo(1);
            assertThat(totals.at("/released").asInt()).isEqualTo(1);
            assertThat(totals.at("/stale_writes").asInt()).isZero();
        }
    }

    @Test
    void comesBackHoldingAfterKillMinus9() throws Exception {
        Path config = config("");
        String hold;
        try (DistProxy proxy = DistProxy.run(config)) {
            hold = admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test")
                    .at("/gate/hold/id")
                    .asText();
            admin.done("POST", "/v1/flip?to=new");
            proxy.kill();
        }
        try (DistProxy proxy = DistProxy.run(config)) {
            JsonNode state = admin.state();
            assertThat(state.at("/active").asText()).isEqualTo("new");
            assertThat(state.at("/gate/phase").asText()).isEqualTo("drained");
            assertThat(state.at("/gate/hold/id").asText()).isEqualTo(hold);
            Client client = client(proxy, "TLSv1.3");
            CompletableFuture<HttpResponse<String>> write = client.post(STATUSES, "waits");
            admin.awaitState(now -> now.at("/gate/waiting").asInt() == 1);
            assertThat(next.seen()).isEmpty();

            admin.done("POST", "/v1/release?hold=" + hold + "&wait=20s");
            assertThat(write.get(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS).body())
                    .isEqualTo("new");
            assertThat(old.seen()).isEmpty();
        }
    }

    @Test
    void afterKillMinus9WhileOpenNothingIsDrainedUntilSomebodySaysSo() throws Exception {
        Path config = config("");
        try (DistProxy proxy = DistProxy.run(config)) {
            assertThat(admin.state().at("/gate/unknown").asInt())
                    .as("the very first start")
                    .isZero();
            assertThat(client(proxy, "TLSv1.3").get("/about").body()).isEqualTo("old");
            proxy.kill();
        }
        try (DistProxy proxy = DistProxy.run(config)) {
            assertThat(proxy.lines()).anyMatch(line -> line.contains("did not end well the last time"));
            JsonNode held = admin.done("POST", "/v1/hold?ttl=600s&wait=100ms&owner=test");
            assertThat(held.at("/gate/phase").asText()).isEqualTo("holding");
            assertThat(held.at("/gate/unknown").asInt()).isEqualTo(1);
            String hold = held.at("/gate/hold/id").asText();
            admin.done("PATCH", "/v1/hold/" + hold + "?accept_unknown=before-restart");
            admin.awaitState(state -> state.at("/gate/phase").asText().equals("drained"));
        }
    }

    @Test
    void comesBackSheddingAfterKillMinus9() throws Exception {
        Path config = config("");
        try (DistProxy proxy = DistProxy.run(config)) {
            admin.done("POST", "/v1/hold?ttl=100ms&expiry=shed&owner=test");
            admin.awaitState(state -> state.at("/gate/arrivals").asText().equals("shed"));
            proxy.kill();
        }
        try (DistProxy proxy = DistProxy.run(config)) {
            assertThat(admin.state().at("/gate/arrivals").asText()).isEqualTo("shed");
            Client client = client(proxy, "TLSv1.3");
            HttpResponse<String> write = client.post(STATUSES, "no").get(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(write.statusCode()).isEqualTo(503);
            assertThat(write.headers().firstValue("Retry-After")).isPresent();
            assertThat(client.get("/about").body()).as("reads go on").isEqualTo("old");
            assertThat(old.seen()).containsExactly("GET /about");
        }
    }

    @Test
    void sigtermFinishesWhatRunsAndAsksTheWaitingToRetry() throws Exception {
        // It would wait for longer than this test does: only the stop can shed it.
        Path config = config("gate.wait = \"5m\"");
        try (DistProxy proxy = DistProxy.run(config)) {
            Client client = client(proxy, "TLSv1.3");
            CompletableFuture<HttpResponse<String>> running = client.getLater("/slow");
            old.awaitSlow();
            admin.done("POST", "/v1/hold?ttl=600s&owner=test");
            CompletableFuture<HttpResponse<String>> waiting = client.post(STATUSES, "waits");
            admin.awaitState(state -> state.at("/gate/waiting").asInt() == 1);

            proxy.terminate();
            assertThat(waiting.get(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS).statusCode())
                    .isEqualTo(503);
            int port = proxy.port("https");
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                    .isInstanceOf(IOException.class);
            assertThat(running).as("still runs").isNotDone();
            old.endSlow();

            assertThat(running.get(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS).body())
                    .isEqualTo("old");
            assertThat(proxy.awaitExit()).as("%s", proxy.lines()).isZero();
        }
        try (DistProxy again = DistProxy.run(config)) {
            assertThat(admin.state().at("/gate/hold/owner").asText())
                    .as("a stop in a hold comes back holding")
                    .isEqualTo("test");
            assertThat(admin.state().at("/gate/unknown").asInt())
                    .as("everything had ended")
                    .isZero();
            again.terminate();
            assertThat(again.awaitExit()).isZero();
        }
    }

    @Test
    void aStopIsBounded() throws Exception {
        try (DistProxy proxy = DistProxy.run(config("stop_timeout = \"300ms\""))) {
            CompletableFuture<HttpResponse<String>> running =
                    client(proxy, "TLSv1.3").getLater("/slow");
            old.awaitSlow();
            proxy.terminate();

            assertThat(proxy.awaitExit()).isZero();
            assertThat(running).as("cut off").failsWithin(DistProxy.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(proxy.lines()).anyMatch(line -> line.contains("1 connections were cut off"));
        }
    }

    @Test
    void aBadConfigurationEndsWith78AndEveryMistake() throws Exception {
        Path bad = Files.writeString(folder.resolve("bad.toml"), """
                domains = ["not a name"]
                self_signed = true
                client_address = "anybody"
                [upstreams.old]
                web = "ftp://a"
                [gate]
                wait_inbx = "8s"
                """);
        for (String command : new String[] {"run", "check"}) {
            try (DistProxy proxy = DistProxy.start(command, "--config", bad.toString())) {
                assertThat(proxy.awaitExit()).isEqualTo(78);
                assertThat(proxy.lines())
                        .hasSize(5)
                        .allMatch(line -> line.startsWith(bad + ": "))
                        .anyMatch(line -> line.contains(" domains[0]: "))
                        .anyMatch(line -> line.contains(" client_address: "))
                        .anyMatch(line -> line.contains(" upstreams.old.web: "))
                        .anyMatch(line -> line.contains(" upstreams.new.web: "))
                        .anyMatch(line -> line.contains(" gate.wait_inbx: ") && line.contains("wait_inbox?"));
            }
        }
    }

    @Test
    void checkSaysThatAllIsWellAndStartsNothing() throws Exception {
        Path config = config("");
        try (DistProxy proxy = DistProxy.start("check", "--config", config.toString())) {
            assertThat(proxy.awaitExit()).isZero();
            assertThat(proxy.lines()).contains(config + ": OK");
            assertThat(folder.resolve("state")).doesNotExist();
        }
    }

    @Test
    void wrongUsageEndsWith2() throws Exception {
        for (String[] arguments : new String[][] {{}, {"run"}, {"fly", "--config", "x"}}) {
            try (DistProxy proxy = DistProxy.start(arguments)) {
                assertThat(proxy.awaitExit()).isEqualTo(2);
            }
        }
    }

    @Test
    void aPortThatIsTakenEndsWith1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path config = config("");
            Files.writeString(
                    config,
                    Files.readString(config)
                            .replace(
                                    "https = [\"127.0.0.1:0\"]",
                                    "https = [\"127.0.0.1:" + taken.getLocalPort() + "\"]"));
            try (DistProxy proxy = DistProxy.start("run", "--config", config.toString())) {
                assertThat(proxy.awaitExit()).isEqualTo(1);
                assertThat(proxy.lines()).anyMatch(line -> line.contains("is taken by another program"));
            }
        }
    }

    @Test
    void twoProxiesNeverShareAState() throws Exception {
        Path config = config("");
        try (DistProxy first = DistProxy.run(config);
                DistProxy second = DistProxy.start("run", "--config", config.toString())) {
            assertThat(second.awaitExit()).isEqualTo(1);
            assertThat(second.lines()).anyMatch(line -> line.contains("another proxy runs with"));
            assertThat(client(first, "TLSv1.3").get("/").body()).isEqualTo("old");
        }
    }

    private Client client(DistProxy proxy, String protocol) throws Exception {
        return client(proxy, protocol, HttpClient.Version.HTTP_1_1);
    }

    private Client client(DistProxy proxy, String protocol, HttpClient.Version version) throws Exception {
        return new Client(folder.resolve("state/self-signed/fullchain.pem"), proxy.port("https"), protocol, version);
    }

    private Path config(String top) throws IOException {
        return Files.writeString(
                folder.resolve("proxy.toml"), """
                domains = ["localhost"]
                self_signed = true
                %s
                [listen]
                https = ["127.0.0.1:0"]
                http = ["127.0.0.1:0"]
                admin = ["unix:%s"]
                [state]
                directory = "state"
                [upstreams.old]
                web = "%s"
                [upstreams.new]
                web = "%s"
                """.formatted(top, folder.resolve("admin.sock"), old.uri(), next.uri()));
    }
}
