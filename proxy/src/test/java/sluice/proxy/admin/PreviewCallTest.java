package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /v1/preview} over real sockets. */
class PreviewCallTest {
    @TempDir
    Path folder;

    private AdminBench bench;

    @BeforeEach
    void start() {
        bench = new AdminBench(folder);
    }

    @AfterEach
    void stop() {
        bench.close();
    }

    private RawHttp.Answer put(String query) {
        return bench.unix.send("PUT", "/v1/preview" + query, "");
    }

    @Test
    void it_is_shown_in_the_state() {
        assertThat(bench.unix.get("/v1/state").json().at("/preview").isNull()).isTrue();

        RawHttp.Answer answer = bench.unix.send(
                "PUT",
                "/v1/preview",
                "{\"upstream\":\"new\",\"cookie\":\"sluice=new\",\"header\":\"X-Preview: yes\",\"network\":\"203.0.113.0/24\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("etag")).as("no new epoch").isEqualTo("\"1\"");
        JsonNode preview = bench.unix.get("/v1/state").json().at("/preview");
        assertThat(preview.toString())
                .isEqualTo("{\"upstream\":\"new\",\"cookie\":\"sluice=new\",\"header\":\"x-preview: yes\","
                        + "\"network\":\"203.0.113.0/24\",\"in_force\":true}");
    }

    @Test
    void it_is_not_in_force_in_a_hold_and_gone_after_a_flip() {
        put("?upstream=new&cookie=a%3Db");

        assertThat(bench.unix
                        .post("/v1/hold?wait=5s", "")
                        .json()
                        .at("/preview/in_force")
                        .asBoolean(true))
                .isFalse();
        assertThat(bench.unix
                        .post("/v1/release", "")
                        .json()
                        .at("/preview/in_force")
                        .asBoolean())
                .isTrue();
        assertThat(bench.unix.post("/v1/flip?to=new", "").json().at("/preview").isNull())
                .isTrue();
    }

    @Test
    void deleting_it_twice_is_as_good_as_once() {
        put("?upstream=new&cookie=a%3Db");

        for (int i = 0; i < 2; i++) {
            RawHttp.Answer answer = bench.unix.send("DELETE", "/v1/preview", "");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().at("/preview").isNull()).isTrue();
        }
    }

    @Test
    void what_makes_no_sense_is_refused_by_name() {
        for (List<String> wrong : List.of(
                List.of("?cookie=a%3Db", "upstream"),
                List.of("?upstream=next&cookie=a%3Db", "upstream"),
                List.of("?upstream=new", "at least one"),
                List.of("?upstream=new&cookie=a", "cookie: "),
                List.of("?upstream=new&cookie=a%3Db%0d%0ac", "cookie: "),
                List.of("?upstream=new&cookie=a%3D" + "b".repeat(400), "at most 300"),
                List.of("?upstream=new&header=X-Preview", "header: "),
                List.of("?upstream=new&header=X-Preview:%20a%0ab", "header: "),
                List.of("?upstream=new&network=203.0.113.7/24", "203.0.113.0/24"),
                List.of("?upstream=new&network=example.org", "network: "),
                List.of("?upstream=new&coky=a%3Db", "coky"))) {
            RawHttp.Answer answer = put(wrong.get(0));
            assertThat(answer.status()).as(wrong.get(0)).isEqualTo(400);
            assertThat(answer.json().at("/detail").asText()).as(wrong.get(0)).contains(wrong.get(1));
        }
        RawHttp.Answer active = put("?upstream=old&cookie=a%3Db");
        assertThat(active.status()).isEqualTo(409);
        assertThat(active.json().at("/detail").asText()).contains("old is the active side");
        assertThat(bench.unix.get("/v1/state").json().at("/preview").isNull()).isTrue();
    }

    @Test
    void another_epoch_another_method_and_no_token_are_refused() {
        String call = "/v1/preview?upstream=new&cookie=a%3Db";
        assertThat(bench.unix.send("PUT", call, "", "If-Match: \"9\"").status()).isEqualTo(412);
        assertThat(bench.unix
                        .send("DELETE", "/v1/preview", "", "If-Match: \"9\"")
                        .status())
                .isEqualTo(412);
        assertThat(bench.unix.post(call, "").header("allow")).isEqualTo("PUT, DELETE");
        assertThat(bench.tcp.send("PUT", call, "").status()).isEqualTo(401);
        assertThat(bench.unix.get("/v1/state").json().at("/preview").isNull()).isTrue();
    }
}
