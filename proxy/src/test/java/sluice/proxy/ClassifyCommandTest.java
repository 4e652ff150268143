package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ClassifyCommandTest {
    private static final String CONFIG = """
            domains = ["example.social"]
            self_signed = true
            upstreams.old.web = "http://127.0.0.1:3000"
            upstreams.new.web = "http://127.0.0.1:3001"
            gate.wait_inbox = "1500ms"
            gate.wait = "7s"
            [[rules]]
            path = "/report"
            class = "inbox"
            [[rules]]
            method = ["POST"]
            path = "/api/v1/statuses/*/translate"
            class = "read"
            """;

    @TempDir
    Path folder;

    private record Result(int code, String out, String err) {}

    private static Result run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("classify"));
        all.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new Main())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(new String[0]));
        return new Result(code, out.toString(), err.toString());
    }

    @Test
    void saysWhatADeliveryMeets() {
        assertThat(run("POST", "/users/alice/inbox", "Host: example.social")).isEqualTo(new Result(0, """
                        class:    inbox
                        service:  web
                        rule:     mastodon: inbox of one account
                        hold:     waits for up to 8 s, then 503 with Retry-After
                        failure:  never sent again: the client gets the failure; a break after its first byte makes it\
                         unknown, which keeps a hold from being drained
                        """, ""));
    }

    @Test
    void saysWhatAReadAndAStreamMeet() {
        assertThat(run("--preset", "plain", "GET", "/a?b=c").out()).isEqualTo("""
                class:    read
                service:  web
                rule:     default: GET, HEAD or OPTIONS
                hold:     passes; in a hold of everything (scope "all") it waits for up to 25 s, then 503 with\
                 Retry-After
                failure:  during a hold, or after a flip to the other side, it waits and is sent again, once; else the\
                 client gets the failure
                """);
        assertThat(run("GET", "/cable", "Connection: upgrade", "Upgrade: websocket")
                        .out())
                .contains(
                        "class:    stream\n", "rule:     default: asks for an upgrade\n", "those that are open go on");
        assertThat(run("GET", "/api/v1/streaming/user").out()).contains("service:  streaming\n");
    }

    @Test
    void rulesAndWaitsOfAFile() throws Exception {
        String file = Files.writeString(folder.resolve("proxy.toml"), CONFIG).toString();
        assertThat(run("--config", file, "POST", "/report").out())
                .contains("class:    inbox\n", "rule:     proxy.toml rules[0]\n", "up to 1500 ms, then 503");
        Result translate = run("POST", "/api/v1/statuses/1/translate", "--config", file);
        assertThat(translate.out())
                .contains("class:    read\n", "rule:     proxy.toml rules[1]\n", "hold:     passes;", "up to 7 s")
                .contains("failure:  never sent again, since its method is not safe");
        assertThat(run("--config", file, "POST", "/inbox").out()).contains("rule:     mastodon: shared inbox\n");
    }

    @Test
    void aConfigurationThatIsWrong() throws Exception {
        String file = Files.writeString(folder.resolve("proxy.toml"), CONFIG + "zebra = 1\n[[rules]]\nclass = \"x\"\n")
                .toString();
        Result result = run("--config", file, "POST", "/inbox");
        assertThat(result.code()).isEqualTo(78);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("rules[1].zebra: is not a known key", "rules[2].class: \"x\" is not known");
    }

    @ParameterizedTest
    @CsvSource({
        "POST,,Missing required parameter: 'PATH'",
        "POST,inbox,The proxy would refuse that request: a request target",
        "PO ST,/inbox,The proxy would refuse that request",
        "CONNECT,/,The proxy would refuse that request: CONNECT",
    })
    void wrongUsage(String method, String path, String message) {
        Result result = path == null ? run(method) : run(method, path);
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains(message);
    }

    @Test
    void wrongUsageOfOptionsAndHeaders() {
        assertThat(run("--preset", "pleroma", "GET", "/").err()).contains("There is no preset \"pleroma\"");
        assertThat(run("--preset", "pleroma", "GET", "/").code()).isEqualTo(2);
        assertThat(run("--preset", "plain", "--config", "x", "GET", "/").code()).isEqualTo(2);
        assertThat(run("GET", "/", "no header").code()).isEqualTo(2);
        assertThat(run("GET", "/", "A: b\r\n\r\nGET / HTTP/1.1").err()).contains("a blank line");
    }
}
