package sluice.control.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.control.site.Site;

/** Against a real server on a unix socket that answers byte by byte what the test says. */
class AdminGateTest {
    static final String STATE = """
            {"epoch":7,"active":"old","gate":{"phase":"drained","arrivals":"park",
             "hold":{"id":"h1","owner":"run 3","since":"2026-11-23T20:00:00Z","ttl_ms":20000,"expiry":"open"},
             "waiting":12,"waiting_bytes":345,"oldest_ms":678,"writes_in_flight":2,"oldest_write_ms":91,"unknown":1},
             "upstreams":{"old":{"healthy":true,"in_flight":2,"streams":5},"new":{"healthy":false,"in_flight":0,"streams":0}},"preview":null,
             "totals":{"parked":20,"released":5,"shed":2,"gone":1,"stale_writes":0}}""";

    @TempDir
    Path folder;

    private TinyHttp server;
    private AdminGate gate;

    @BeforeEach
    void start() throws Exception {
        Path socket = folder.resolve("admin.sock");
        server =
                new TinyHttp(ServerSocketChannel.open(StandardProtocolFamily.UNIX), UnixDomainSocketAddress.of(socket));
        gate = new AdminGate(new Site.Gate("unix:" + socket, null));
    }

    @AfterEach
    void close() throws Exception {
        gate.close();
        server.close();
    }

    @Test
    void readsTheStateOverOneKeptConnection() throws Exception {
        gate.open();
        server.answer(ok(STATE));
        server.answer(ok(STATE.replace("7", "8")));
        GateState state = gate.state();
        assertThat(state.epoch()).isEqualTo(7);
        assertThat(state.active()).isEqualTo("old");
        assertThat(state.drained()).isTrue();
        assertThat(state.arrivals()).isEqualTo("park");
        assertThat(state.hold()).isEqualTo(new GateState.Hold("h1", "run 3", 20_000, "open"));
        assertThat(state.waiting()).isEqualTo(12);
        assertThat(state.oldestMillis()).isEqualTo(678);
        assertThat(state.writesInFlight()).isEqualTo(2);
        assertThat(state.oldestWriteMillis()).isEqualTo(91);
        assertThat(state.preview()).isNull();
        assertThat(state.unknown()).isEqualTo(1);
        assertThat(state.healthy()).containsEntry("old", true).containsEntry("new", false);
        assertThat(state.totals()).isEqualTo(new GateState.Totals(20, 5, 2, 1, 0));
        assertThat(gate.state().epoch()).isEqualTo(8);
        assertThat(server.connections()).isEqualTo(1);
        assertThat(server.received().get(0)).startsWith("GET /v1/state HTTP/1.1\r\nHost: sluice\r\n");
    }

    @Test
    void everyChangeSendsItsEpochAndWhatWasAsked() throws Exception {
        for (int i = 0; i < 5; i++) {
            server.answer(ok(STATE));
        }
        gate.hold(6, Duration.ofSeconds(20), "open", Duration.ofMillis(2500), "run \"3\"");
        gate.change(7, "h1", null, "shed");
        gate.change(8, "h1", Duration.ofSeconds(30), null);
        gate.flip(9, "new", true);
        gate.release(10, "h1", "new");
        assertThat(server.received().get(0))
                .startsWith("POST /v1/hold HTTP/1.1\r\n")
                .contains("If-Match: \"6\"\r\n")
                .endsWith("{\"ttl\":\"20000ms\",\"expiry\":\"open\",\"scope\":\"writes\",\"wait\":\"2500ms\","
                        + "\"owner\":\"run \\\"3\\\"\"}");
        assertThat(server.received().get(1))
                .startsWith("PATCH /v1/hold/h1 HTTP/1.1\r\n")
                .contains("If-Match: \"7\"\r\n")
                .endsWith("{\"expiry\":\"shed\"}");
        assertThat(server.received().get(2)).endsWith("{\"ttl\":\"30000ms\"}");
        assertThat(server.received().get(3))
                .startsWith("POST /v1/flip HTTP/1.1\r\n")
                .endsWith("{\"to\":\"new\",\"drained\":true}");
        assertThat(server.received().get(4))
                .startsWith("POST /v1/release HTTP/1.1\r\n")
                .contains("If-Match: \"10\"\r\n")
                .endsWith("{\"hold\":\"h1\",\"to\":\"new\"}");
    }

    @Test
    void whatAPersonAsksIsSentAndReadAsItIs() throws Exception {
        server.answer(ok(STATE.replace("\"preview\":null", "\"preview\":{\"upstream\":\"new\"}")));
        server.answer(ok(STATE));
        server.answer(ok("{\"summary\":\"a hold of 5 s\"}"));
        server.answer(ok("{\"requests\":[{\"id\":\"0-1\"}]}"));

        assertThat(gate.preview(6, "new", null, "X-Preview: yes", null)
                        .path("upstream")
                        .asText())
                .isEqualTo("new");
        gate.endPreview(7);
        assertThat(gate.rehearse(8, Duration.ofSeconds(5), true).path("summary").asText())
                .isEqualTo("a hold of 5 s");
        assertThat(gate.requests().get(0).path("id").asText()).isEqualTo("0-1");

        assertThat(server.received().get(0))
                .startsWith("PUT /v1/preview HTTP/1.1\r\n")
                .contains("If-Match: \"6\"\r\n")
                .endsWith("{\"upstream\":\"new\",\"header\":\"X-Preview: yes\"}");
        assertThat(server.received().get(1))
                .startsWith("DELETE /v1/preview HTTP/1.1\r\n")
                .contains("If-Match: \"7\"\r\n");
        assertThat(server.received().get(2))
                .startsWith("POST /v1/rehearse HTTP/1.1\r\n")
                .endsWith("{\"for\":\"5000ms\",\"real\":true}");
        assertThat(server.received().get(3)).startsWith("GET /v1/requests HTTP/1.1\r\n");
    }

    @Test
    void aRefusalBecomesOneLineThatSaysWhoWhatAndWhy() {
        String problem = "{\"title\":\"Wrong epoch\",\"detail\":\"it is 9, not 7\"}";
        server.answer("HTTP/1.1 412 Precondition Failed\r\nContent-Type: application/problem+json\r\nContent-Length: "
                + problem.length() + "\r\n\r\n" + problem);
        GateException refused = catchThrowableOfType(GateException.class, () -> gate.flip(7, "new", false));
        assertThat(refused.status()).isEqualTo(412);
        assertThat(refused)
                .hasMessageContaining(
                        "admin.sock was told to flip to new and refused (412): Wrong epoch: it is 9, not 7");
    }

    @Test
    void anAnswerInPiecesAndInChunksIsRead() throws Exception {
        String text = STATE.replace("run 3", "läufer");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        server.answer(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 O",
                "K\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(bytes.length) + ";x=y\r\n",
                text.substring(0, 40),
                text.substring(40) + "\r\n0\r\n",
                "\r\n");
        assertThat(gate.state().hold().owner()).isEqualTo("läufer");
        server.answer(ok(STATE));
        assertThat(gate.state().epoch()).isEqualTo(7);
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void noAnswerIsBoundedUnknownAndNotTriedAgain() {
        server.answer();
        long begun = System.nanoTime();
        GateException silent = catchThrowableOfType(GateException.class, () -> gate.change(7, "h1", null, "shed"));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
        assertThat(silent.status()).isZero();
        assertThat(silent).hasMessageContaining("whether it did so is not known");
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void aConnectionThatBreaksInAnAnswerIsUnknownAndNotTriedAgain() {
        server.answer("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"epoch\":8", null);
        GateException broken = catchThrowableOfType(GateException.class, () -> gate.flip(7, "new", true));
        assertThat(broken.status()).isZero();
        assertThat(broken).hasMessageContaining("closed before the whole answer");
        assertThat(server.received()).hasSize(1);
    }

    @Test
    void aConnectionThatWasClosedWhileIdleIsOpenedAnewBeforeAnythingIsSent() throws Exception {
        server.answer(ok(STATE));
        gate.state();
        server.drop();
        server.answer(ok(STATE));
        assertThat(gate.state().epoch()).isEqualTo(7);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void nobodyThereIsSaidSo() throws Exception {
        server.close();
        assertThatThrownBy(gate::open).isInstanceOf(GateException.class).hasMessageContaining("is it running");
    }

    @Test
    void overTcpItShowsItsToken() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "s3cret\n");
        try (TinyHttp tcp =
                new TinyHttp(ServerSocketChannel.open(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            int port = ((InetSocketAddress) tcp.address()).getPort();
            AdminGate remote = new AdminGate(new Site.Gate("http://127.0.0.1:" + port, token));
            tcp.answer(ok(STATE));
            remote.release(7, null, null);
            remote.close();
            assertThat(tcp.received().get(0))
                    .contains("Host: 127.0.0.1:" + port + "\r\n")
                    .contains("Authorization: Bearer s3cret\r\n")
                    .endsWith("\r\n\r\n{}");
        }
    }

    @Test
    void aStateThatLacksSomethingIsNoState() {
        assertThatThrownBy(() -> StateJson.parse(STATE.replace("\"unknown\":1", "\"x\":1")))
                .hasMessageContaining("no unknown");
        assertThatThrownBy(() -> StateJson.parse(STATE.replace("\"phase\":\"drained\"", "\"phase\":3")))
                .hasMessageContaining("phase is no text");
        assertThatThrownBy(() -> StateJson.parse("<html>")).hasMessageContaining("no JSON");
        assertThat(StateJson.parse(STATE.replaceAll("\"hold\":\\{[^}]*}", "\"hold\":null"))
                        .hold())
                .isNull();
        assertThat(StateJson.problem("<h1>502\nBad Gateway</h1>")).isEqualTo("<h1>502 Bad Gateway</h1>");
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nETag: \"7\"\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }
}
