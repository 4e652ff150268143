package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.ThreadLoop;
import sluice.proxy.gate.Time;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.FileDisk;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/** The admin contract on a real unix socket and a real port, with a real gate on real threads and a real state file. */
class AdminServerTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private final ScheduledExecutorService switchboard = Executors.newSingleThreadScheduledExecutor();
    private final ThreadLoop one = new ThreadLoop();
    private final ThreadLoop two = new ThreadLoop();
    private FileDisk disk;
    private AdminServer server;
    private Gate gate;
    private RawHttp unix;
    private RawHttp tcp;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(folder.resolve("token"), TOKEN + "\n");
        disk = new FileDisk(folder);
        ProxyConfig.Gate bounds =
                new ProxyConfig.Gate(ProxyConfig.Waits.DEFAULT, 100, 1 << 20, 0, 2, Duration.ofSeconds(20));
        gate = Gate.open(bounds, Side.OLD, new StateFile(disk), switchboard, Time.system(), List.of(one, two));
        server = AdminServer.start(listen(folder.resolve("token")), gate, new Fixed());
        unix = RawHttp.unix(socket());
        tcp = RawHttp.tcp(server.addresses().get(0));
    }

    @AfterEach
    void stop() throws IOException {
        GateState end = gate.state().toCompletableFuture().join();
        assertThat(end.tally().balances(end.waiting())).as("nothing vanished").isTrue();
        server.close();
        switchboard.shutdownNow();
        one.close();
        two.close();
        disk.close();
    }

    private ProxyConfig.Listen listen(Path token) {
        return new ProxyConfig.Listen(
                List.of(),
                List.of(),
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                List.of(socket()),
                token);
    }

    private Path socket() {
        return folder.resolve("admin.sock");
    }

    private static final class Fixed implements Sources {
        @Override
        public boolean healthy(Side side) {
            return side == Side.OLD;
        }

        @Override
        public CompletionStage<LoopMetrics> metrics() {
            LoopMetrics metrics = new LoopMetrics();
            metrics.request(0, 2, 201, 3_000_000);
            return CompletableFuture.completedFuture(metrics);
        }

        @Override
        public Map<String, Instant> certificates() {
            return Map.of("example.social", Instant.now().plusSeconds(3600));
        }
    }

    @Test
    void state_has_the_fields_of_the_contract() {
        RawHttp.Answer answer = unix.get("/v1/state");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("etag")).isEqualTo("\"1\"");
        JsonNode state = answer.json();
        assertThat(state.at("/epoch").asLong()).isEqualTo(1);
        assertThat(state.at("/active").asText()).isEqualTo("old");
        assertThat(state.at("/gate/phase").asText()).isEqualTo("open");
        assertThat(state.at("/gate/arrivals").asText()).isEqualTo("pass");
        assertThat(state.at("/gate/hold").isNull()).isTrue();
        for (String name : List.of("waiting", "waiting_bytes", "oldest_ms", "writes_in_flight", "unknown")) {
            assertThat(state.at("/gate/" + name).isIntegralNumber()).as(name).isTrue();
        }
        assertThat(state.at("/upstreams/old/healthy").asBoolean()).isTrue();
        assertThat(state.at("/upstreams/new/healthy").asBoolean()).isFalse();
        for (String name : List.of("parked", "released", "shed", "gone", "stale_writes")) {
            assertThat(state.at("/totals/" + name).isIntegralNumber()).as(name).isTrue();
        }
    }

    @Test
    void a_hold_answers_200_when_it_is_drained() {
        RawHttp.Answer answer =
                unix.post("/v1/hold", "{\"ttl\":\"20s\",\"expiry\":\"shed\",\"wait\":\"5s\",\"owner\":\"me\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("etag")).isEqualTo("\"2\"");
        assertThat(answer.json().at("/gate/phase").asText()).isEqualTo("drained");
        assertThat(answer.json().at("/gate/hold/owner").asText()).isEqualTo("me");
        assertThat(answer.json().at("/gate/hold/ttl_ms").asLong()).isEqualTo(20_000);
        assertThat(answer.json().at("/gate/hold/expiry").asText()).isEqualTo("shed");
    }

    @Test
    void parameters_may_come_in_the_query() {
        assertThat(unix.post("/v1/hold?ttl=10s&scope=all&wait=5s", "")
                        .json()
                        .at("/gate/hold/scope")
                        .asText())
                .isEqualTo("all");
        assertThat(unix.post("/v1/flip?to=new&drained=true", "")
                        .json()
                        .at("/active")
                        .asText())
                .isEqualTo("new");
    }

    @Test
    void a_second_hold_is_a_conflict() {
        unix.post("/v1/hold?ttl=10s", "");

        RawHttp.Answer answer = unix.post("/v1/hold?ttl=10s", "");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.json().at("/title").asText()).isEqualTo("conflict");
        assertThat(answer.json().at("/detail").asText()).contains("h2");
    }

    @Test
    void a_hold_is_changed_and_its_id_counts() {
        unix.post("/v1/hold?ttl=10s", "");

        assertThat(unix.patch("/v1/hold/h2", "{\"expiry\":\"shed\"}")
                        .json()
                        .at("/gate/hold/expiry")
                        .asText())
                .isEqualTo("shed");
        assertThat(unix.patch("/v1/hold/h1", "{}").status()).isEqualTo(409);
        assertThat(unix.patch("/v1/hold/h2", "{\"accept_unknown\":[\"7-7\"]}").status())
                .isEqualTo(404);
    }

    @Test
    void another_epoch_is_a_412_and_nothing_is_done() {
        assertThat(unix.send("POST", "/v1/flip?to=new", "", "If-Match: \"9\"").status())
                .isEqualTo(412);
        assertThat(unix.get("/v1/state").json().at("/active").asText()).isEqualTo("old");
        assertThat(unix.send("POST", "/v1/flip?to=new", "", "If-Match: \"1\"").status())
                .isEqualTo(200);
    }

    @Test
    void a_flip_that_needs_drained_is_a_conflict_when_it_is_not() {
        RawHttp.Answer answer = unix.post("/v1/flip", "{\"to\":\"new\",\"drained\":true}");

        assertThat(answer.status()).isEqualTo(409);
        assertThat(unix.get("/v1/state").json().at("/active").asText()).isEqualTo("old");
    }

    @Test
    void a_release_answers_when_the_gate_is_open() {
        unix.post("/v1/hold?ttl=10s", "");

        RawHttp.Answer answer = unix.post("/v1/release", "{\"hold\":\"h2\",\"to\":\"new\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/gate/phase").asText()).isEqualTo("open");
        assertThat(answer.json().at("/active").asText()).isEqualTo("new");
    }

    @Test
    void unknown_and_wrong_parameters_are_named() {
        RawHttp.Answer unknown = unix.post("/v1/hold?tll=10s", "{\"ownr\":\"me\"}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().at("/detail").asText()).contains("ownr, tll");

        for (String query :
                List.of("ttl=10", "ttl=0s", "ttl=2h", "expiry=maybe", "scope=reads", "wait=1h", "ttl=1s&ttl=2s")) {
            RawHttp.Answer wrong = unix.post("/v1/hold?" + query, "");
            assertThat(wrong.status()).as(query).isEqualTo(400);
            assertThat(wrong.json().at("/detail").asText()).as(query).contains(query.substring(0, query.indexOf('=')));
        }
        assertThat(unix.post("/v1/flip", "").status()).isEqualTo(400);
        assertThat(unix.post("/v1/flip", "[1]").status()).isEqualTo(400);
        assertThat(unix.post("/v1/flip", "{\"to\":").status()).isEqualTo(400);
        assertThat(unix.send("POST", "/v1/flip?to=new", "", "If-Match: abc").status())
                .isEqualTo(400);
        assertThat(unix.get("/v1/state").json().at("/epoch").asLong()).isEqualTo(1);
    }

    @Test
    void what_there_is_not_is_a_404_and_a_wrong_method_a_405() {
        assertThat(unix.get("/v2/state").status()).isEqualTo(404);
        RawHttp.Answer wrong = unix.get("/v1/hold");
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("allow")).isEqualTo("POST");
    }

    @Test
    void over_tcp_changes_and_requests_need_the_token() {
        assertThat(tcp.post("/v1/hold", "").status()).isEqualTo(401);
        assertThat(tcp.get("/v1/requests").status()).isEqualTo(401);
        assertThat(tcp.send("POST", "/v1/hold", "", "Authorization: Bearer wrong")
                        .status())
                .isEqualTo(401);
        assertThat(tcp.send("POST", "/v1/hold?ttl=9s", "", "Authorization: Bearer " + TOKEN)
                        .status())
                .isEqualTo(200);
        assertThat(tcp.send("GET", "/v1/requests", "", "Authorization: bearer " + TOKEN)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void over_tcp_the_rest_needs_none() {
        for (String path : List.of("/v1/state", "/metrics", "/healthz", "/readyz")) {
            assertThat(tcp.get(path).status()).as(path).isEqualTo(200);
        }
    }

    @Test
    void over_tcp_a_foreign_host_is_refused() {
        assertThat(tcp.withHost("evil.example").get("/v1/state").status()).isEqualTo(421);
        assertThat(tcp.withHost("127.0.0.1.evil.example").get("/v1/state").status())
                .isEqualTo(421);
        assertThat(tcp.withHost("localhost:9180").get("/v1/state").status()).isEqualTo(200);
        assertThat(tcp.withHost("[::1]:9180").get("/v1/state").status()).isEqualTo(200);
        assertThat(tcp.withHost("127.0.0.1").get("/v1/state").status()).isEqualTo(200);
    }

    @Test
    void without_a_token_file_nothing_changes_over_tcp() throws IOException {
        server.close();
        gate = Gate.open(
                new ProxyConfig.Gate(ProxyConfig.Waits.DEFAULT, 100, 1 << 20, 0, 2, Duration.ofSeconds(20)),
                Side.OLD,
                new StateFile(disk),
                switchboard,
                Time.system(),
                List.of(one, two));
        server = AdminServer.start(listen(null), gate, new Fixed());

        assertThat(RawHttp.tcp(server.addresses().get(0)).post("/v1/hold", "").status())
                .isEqualTo(403);
    }

    @Test
    void the_metrics_are_all_there_from_the_start() {
        String page = unix.get("/metrics").body();

        for (String name : List.of(
                "sluice_requests_total{class=\"write\",code=\"2xx\",upstream=\"old\"} 1.0",
                "sluice_request_seconds_count 1",
                "sluice_wait_seconds_count 0",
                "sluice_waiting_requests 0.0",
                "sluice_waiting_bytes 0.0",
                "sluice_waiting_oldest_seconds 0.0",
                "sluice_parked_total 0.0",
                "sluice_released_total 0.0",
                "sluice_shed_total{class=\"inbox\",reason=\"waited\"} 0.0",
                "sluice_gone_total 0.0",
                "sluice_writes_in_flight{upstream=\"new\"} 0.0",
                "sluice_writes_unknown_total 0.0",
                "sluice_stale_writes_total 0.0",
                "sluice_active{upstream=\"old\"} 1.0",
                "sluice_active{upstream=\"new\"} 0.0",
                "sluice_epoch 1.0",
                "sluice_gate_phase{phase=\"open\"} 1.0",
                "sluice_gate_phase{phase=\"drained\"} 0.0",
                "sluice_connections{protocol=\"http1\"} 0.0",
                "sluice_streams{upstream=\"old\"} 0.0",
                "sluice_upstream_connections{state=\"idle\",upstream=\"old\"} 0.0",
                "sluice_certificate_expiry_seconds{name=\"example.social\"} 3")) {
            assertThat(page).contains(name);
        }
    }

    @Test
    void calls_on_one_connection_are_answered_in_order() {
        String answers = unix.raw(String.join(
                "\r\n",
                List.of(
                        "GET /healthz HTTP/1.1",
                        "Host: x",
                        "",
                        "GET /v1/state HTTP/1.1",
                        "Host: x",
                        "",
                        "GET /nowhere HTTP/1.1",
                        "Host: x",
                        "Connection: close",
                        "",
                        "")));

        assertThat(answers.indexOf("ok\n")).isPositive().isLessThan(answers.indexOf("\"epoch\""));
        assertThat(answers.indexOf("\"epoch\"")).isLessThan(answers.indexOf("404 Not Found"));
    }

    @Test
    void the_socket_is_for_owner_and_group() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-rw----");
    }

    @Test
    void a_socket_on_which_somebody_listens_is_not_taken() {
        assertThatThrownBy(() -> new SocketFile(socket()).makeRoom())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("somebody listens");
        assertThat(unix.get("/healthz").status()).isEqualTo(200);
    }

    @Test
    void a_socket_that_was_left_behind_is_replaced() throws IOException {
        Path left = folder.resolve("left.sock");
        try (var dead = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            dead.bind(java.net.UnixDomainSocketAddress.of(left));
        }
        assertThat(left).exists();

        new SocketFile(left).makeRoom();

        assertThat(left).doesNotExist();
    }

    @Test
    void a_file_that_is_no_socket_is_left_alone() throws IOException {
        Path file = Files.writeString(folder.resolve("precious"), "x");

        assertThatThrownBy(() -> new SocketFile(file).makeRoom()).hasMessageContaining("no socket");
        assertThat(file).exists();
    }
}
