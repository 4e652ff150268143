package sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** One line for every change, over real sockets; and whose token it was. */
class AuditTest {
    @TempDir
    Path folder;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("sluice.audit");
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };
    private AdminBench bench;

    @BeforeEach
    void start() {
        appender.start();
        logger.setLevel(ch.qos.logback.classic.Level.INFO);
        logger.addAppender(appender);
        bench = new AdminBench(folder);
    }

    @AfterEach
    void stop() {
        bench.close();
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    /** The only line, when there is one. */
    private String line() {
        AdminBench.await(() -> !lines.isEmpty());
        bench.gate.state().toCompletableFuture().join(); // whatever else was to be written is
        assertThat(lines).hasSize(1);
        return lines.remove(0);
    }

    private RawHttp.Answer as(String token, String method, String target) {
        return bench.tcp.send(method, target, "", "Authorization: Bearer " + token);
    }

    @Test
    void a_change_says_who_from_where_before_and_after() {
        as(AdminBench.ALICE, "POST", "/v1/flip?to=new");
        assertThat(line())
                .matches(
                        "flip by \"alice\" from tcp:/127\\.0\\.0\\.1:[0-9]+: "
                                + "\\[epoch 1, old active, open, arrivals pass\\] -> \\[epoch 2, new active, open, arrivals pass\\]");

        bench.unix.send("PUT", "/v1/preview?upstream=old&cookie=a%3Db", "");
        assertThat(line())
                .matches(
                        "preview by \"uid [0-9]+ pid " + ProcessHandle.current().pid() + "\" from unix:.*admin\\.sock: "
                                + "\\[epoch 2, new active, open, arrivals pass\\] -> "
                                + "\\[epoch 2, new active, open, arrivals pass, preview of \"old for cookie a=b\"\\]");

        as(AdminBench.BOB, "DELETE", "/v1/preview");
        assertThat(line()).startsWith("preview ended by \"bob\" from tcp:");
        as(AdminBench.BOB, "DELETE", "/v1/preview");
        bench.unix.get("/v1/state");
        assertThat(lines).as("nothing was changed").isEmpty();
    }

    @Test
    void a_hold_says_who_although_it_names_another_owner() {
        as(AdminBench.BOB, "POST", "/v1/hold?owner=alice&wait=0s");

        AdminBench.await(() -> lines.size() == 2);
        assertThat(lines.get(0))
                .startsWith("hold by \"bob\" from tcp:")
                .contains("hold h2 of \"alice\" (writes) until");
        assertThat(lines.get(1)).startsWith("drained by \"the gate\" from inside: ");
    }

    @Test
    void what_is_refused_says_why() {
        as(AdminBench.ALICE, "POST", "/v1/flip?to=new&drained=true");
        assertThat(line())
                .startsWith("refused \"POST /v1/flip\" by \"alice\" from tcp:")
                .contains(": \"409 conflict: the gate is not drained, it is open")
                .endsWith(": [epoch 1, old active, open, arrivals pass] stays");

        bench.unix.send("POST", "/v1/flip?to=new", "", "If-Match: \"9\"");
        assertThat(line()).startsWith("refused \"POST /v1/flip\" by \"uid ").contains(": \"412 another epoch: ");

        as(AdminBench.ALICE, "POST", "/v1/release?hold=h9");
        assertThat(line()).contains("409 conflict: the hold h9 has ended");

        as(AdminBench.ALICE, "POST", "/v1/hold?ttl=9h");
        assertThat(line()).contains("400 invalid parameter: ttl");

        as("wrong-wrong-wrong-wrong", "POST", "/v1/flip?to=new");
        assertThat(line())
                .startsWith("refused \"POST /v1/flip?to=new\" by \"nobody\" from tcp:")
                .contains("401 a token is needed");

        bench.tcp.withHost("evil.example").post("/v1/flip?to=new", "");
        assertThat(line()).contains("by \"nobody\" from tcp:").contains("421 foreign host");

        as(AdminBench.ALICE, "POST", "/v1/nothing");
        assertThat(line()).contains("404 not found");

        bench.tcp.get("/v1/requests");
        bench.gate.state().toCompletableFuture().join();
        assertThat(lines).as("a look is no change").isEmpty();
    }

    @Test
    void nobody_writes_a_line_of_his_own() {
        String forged = "%0a2026-11-23%20flip%20by%20root%0d%e2%80%a8%e2%80%ae%1b[31m";
        for (String target : List.of(
                "/v1/hold?owner=me" + forged,
                "/v1/hold/h1" + forged,
                "/v1/nothing" + forged,
                "/v1/flip?to=new" + forged,
                "/v1/release?hold=h1" + forged,
                "/v1/hold?me" + forged + "=1",
                "/v1/preview?upstream=new&cookie=a%3Db" + forged)) {
            bench.unix.send(
                    target.startsWith("/v1/hold/") ? "PATCH" : target.contains("preview") ? "PUT" : "POST", target, "");
            String line = line();
            assertThat(line).as(target).startsWith("refused ").hasSizeLessThan(30_000);
            assertThat(line.chars().allMatch(c -> c >= ' ' && c < 0x7f))
                    .as(line)
                    .isTrue();
        }
        bench.unix.post("/v1/flip", "{\"to\":\"new\",\"dra\\nined\":\"\\u2028\"}");
        assertThat(line()).contains("dra\\u000ained");
        bench.unix.send("POST", "/v1/flip?to=new", "", "If-Match: x\u0085\u009b31m");
        assertThat(line().chars().allMatch(c -> c >= ' ')).isTrue();
    }

    /** What stands between two quotes that no backslash precedes is somebody else's; the rest is Sluice's own. */
    private static String own(String line) {
        return line.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "...");
    }

    @Test
    void nobody_has_his_own_words_taken_for_those_of_sluice() {
        String forged = "%22%20(writes)%20until%202030-01-01T00:00:00Z%20then%20open]%20-%3e%20[new%20active";
        bench.unix.post("/v1/hold?wait=0s&ttl=60s&owner=me" + forged, "");
        AdminBench.await(() -> lines.size() == 2);
        assertThat(own(lines.get(0)))
                .matches(
                        "hold by \\.\\.\\. from unix:.*: \\[epoch 1, old active, open, arrivals pass\\] -> "
                                + "\\[epoch 2, old active, holding, arrivals park, hold h2 of \\.\\.\\. \\(writes\\) until [^ ]+ then open\\]");
        lines.clear();

        bench.unix.post("/v1/hold?owner=you%5c" + forged, "");
        assertThat(own(line()))
                .startsWith("refused ... by ... from unix:")
                .contains(": ...: [epoch 2, old active, drained, arrivals park, hold h2 of ... (writes) until ")
                .endsWith(" then open] stays");
        bench.unix.post("/v1/release?hold=h1%5c" + forged, "");
        assertThat(own(line())).startsWith("refused ... by ... from").doesNotContain("new active");

        bench.unix.post("/v1/release?hold=h2", "");
        AdminBench.await(() -> lines.stream().anyMatch(line -> line.startsWith("over: ")));
        assertThat(lines.stream().map(AuditTest::own).filter(line -> line.startsWith("over: ")))
                .allMatch(line -> line.startsWith("over: hold h2 of ...: before=0"));
    }

    /** A release is on disk as an open gate: of the hold that was released the next process knows nothing. */
    @Test
    void a_process_that_follows_one_that_did_not_end_well_says_that_an_account_may_be_lost() {
        bench.unix.post("/v1/hold?wait=0s&ttl=60s", "");
        Write write = new Write(bench);
        write.ask();
        bench.unix.post("/v1/release?wait=0s", "");
        assertThat(bench.unix.get("/v1/state").json().at("/gate/phase").asText())
                .isEqualTo("releasing");
        bench.close();
        lines.clear();
        bench = new AdminBench(folder);

        assertThat(line())
                .isEqualTo(
                        "the last process did not end well, nothing is known of what waited in a hold that it may have"
                                + " been about to release: [epoch 3, old active, open, arrivals pass]");
        bench.unix.post("/v1/hold?wait=0s&ttl=60s", "");
        bench.close();
        lines.clear();
        bench = new AdminBench(folder);
        assertThat(line())
                .startsWith("the last process did not end well, nothing is known of what waited in its hold: ");
    }

    @Test
    void accepted_unknown_writes_are_named() {
        Write write = new Write(bench);
        write.ask();
        as(AdminBench.ALICE, "POST", "/v1/hold?ttl=60s&wait=0s");
        line();
        write.breakOff();

        as(AdminBench.BOB, "PATCH", "/v1/hold/h2?accept_unknown=7-7");
        assertThat(line())
                .startsWith("refused \"PATCH /v1/hold/h2\" by \"bob\" from tcp:")
                .contains("404 not found")
                .contains("7-7");
        as(AdminBench.BOB, "PATCH", "/v1/hold/h2?accept_unknown=0-1");
        AdminBench.await(() -> lines.size() == 2);
        assertThat(lines.get(0))
                .startsWith("accepted unknown writes \"0-1\" by \"bob\" from tcp:")
                .contains("hold h2 of \"alice\"");
        assertThat(lines.get(1)).startsWith("drained by \"the gate\"");
    }

    @Test
    void a_token_file_is_ascii_and_nothing_else() throws IOException {
        Path file = folder.resolve("other");
        String good = "alice " + "a".repeat(20) + "\n";
        for (byte[] wrong : List.of(
                ("\ufeff" + good).getBytes(StandardCharsets.UTF_8),
                ("\ufeff" + "a".repeat(20)).getBytes(StandardCharsets.UTF_8),
                ("\ufeff" + good).getBytes(StandardCharsets.UTF_16LE),
                good.getBytes(StandardCharsets.UTF_16BE),
                "b\u00e4rbel ".concat("a".repeat(20)).getBytes(StandardCharsets.ISO_8859_1),
                ("alice " + "a".repeat(20) + "\u200b").getBytes(StandardCharsets.UTF_8),
                ("# f\u00fcr alle\n" + good).getBytes(StandardCharsets.UTF_8))) {
            Files.write(file, wrong);
            assertThatThrownBy(() -> Tokens.read(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("other: line 1 has something in it that is not ASCII")
                    .hasMessageContaining("byte order mark")
                    .message()
                    .doesNotContain("a".repeat(20));
        }
        Files.write(file, (good + "# f\u00fcr alle\n").getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Tokens.read(file)).hasMessageContaining("line 2 ");
        Files.writeString(file, good.replace("\n", "\r\n"));
        assertThat(Tokens.read(file).nameOf("a".repeat(20))).isEqualTo("alice");
    }

    @Test
    void a_token_file_has_names_or_one_bare_token() throws IOException {
        Path file = folder.resolve("other");
        String first = "a".repeat(20);
        Files.writeString(file, "\n" + first + "\n");
        assertThat(Tokens.read(file).nameOf(first)).isEqualTo("token");
        Files.writeString(file, "# ours\nalice\t" + first + "\n\n  bob " + "b".repeat(20) + "  \n");
        assertThat(Tokens.read(file).nameOf(first)).isEqualTo("alice");
        assertThat(Tokens.read(file).nameOf("b".repeat(20))).isEqualTo("bob");
        for (String none : List.of("", "alice", "alice " + first, "a".repeat(19), "a".repeat(21))) {
            assertThat(Tokens.read(file).nameOf(none)).as(none).isNull();
        }
        assertThat(Tokens.read(null).isEmpty()).isTrue();
        for (String wrong : List.of(
                "",
                "# nothing",
                "short",
                "alice short",
                first + "\n" + "b".repeat(20),
                "alice " + first + "\nalice " + "b".repeat(20),
                "alice " + first + "\nbob " + first,
                "al/ice " + first,
                "alice " + first + " more")) {
            Files.writeString(file, wrong);
            assertThatThrownBy(() -> Tokens.read(file))
                    .as(wrong)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("other: ")
                    .message()
                    .doesNotContain(first);
        }
    }
}
