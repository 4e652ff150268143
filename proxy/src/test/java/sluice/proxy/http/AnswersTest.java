package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Scope;

/** What the proxy itself says, in the form that the client reads. On real sockets. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class AnswersTest {
    private static final String SORRY =
            "This site is being moved to another server. Nothing was changed by this request."
                    + " Please try again in ";
    private static final String STOPPING =
            "This site's front door is being restarted. Nothing was changed by this request. Please try again in ";
    private static final String BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    /** In an encoding that is not ours, with the tag in capitals and once more as text. */
    private static final byte[] PAGE = "<html><body><h1>D\u00e9sol\u00e9</h1>&lt;/body><!--</body>--></BODY></html>\n"
            .getBytes(StandardCharsets.ISO_8859_1);

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Bench bench;

    private Bench bench(byte @Nullable [] page) throws IOException {
        BenchPlan plan = BenchPlan.of(directory, site, site);
        bench = (page == null ? plan : plan.with(new ErrorPage(page))).open();
        return bench;
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        if (bench != null) {
            bench.close();
        }
    }

    /** A gate that sheds everything that it would hold. */
    private Wire shedding(byte @Nullable [] page) throws Exception {
        bench(page).hold(Scope.WRITES);
        bench.gate.stop().toCompletableFuture().join();
        return bench.client();
    }

    private static Wire.Answer ask(Wire client, String line, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: a\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return client.send(head + "\r\n").answer(line.startsWith("HEAD "));
    }

    private static void assertShed(Wire.Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.has("Cache-Control: no-store")).isTrue();
        assertThat(Wire.number(answer.head(), "retry-after", -1)).isBetween(1, 60);
        assertThat(answer.head()).doesNotContain("Connection: close");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST /api/v1/statuses | Accept: */* | application/json",
                "POST /api/v1/statuses | Accept: text/html | application/json",
                "POST /oauth/token | Accept: */* | application/json",
                "GET /oauth/authorize?x=y | Accept: text/html | text/html; charset=utf-8",
                "POST /nodeinfo/2.0 | X-None: 1 | application/json",
                "POST /.well-known/webfinger | X-None: 1 | application/json",
                "POST /inbox | X-None: 1 | application/json",
                "POST /users/alice/inbox | Accept: text/html | application/json",
                "POST /x | Content-Type: application/activity+json | application/json",
                "POST /x | Content-Type: application/ld+json; profile=\"x\" | application/json",
                "POST /x | Accept: application/activity+json, text/html;q=0.1 | application/json",
                "POST /x | Accept: APPLICATION/JSON | application/json",
                "POST /auth/sign_in | Accept: text/html,application/xml;q=0.9 | text/html; charset=utf-8",
                "POST /apis | Accept: */* | text/plain; charset=utf-8",
                "POST /inboxes | X-None: 1 | text/plain; charset=utf-8",
            })
    void whoIsShedIsToldInItsOwnForm(String line, String header, String type) throws Exception {
        try (Wire client = shedding(null)) {
            Wire.Answer answer = ask(client, line, header);
            assertShed(answer);
            assertThat(answer.has("Content-Type: " + type)).as(answer.head()).isTrue();
            assertThat(answer.text()).contains(type.contains("html") ? STOPPING.replace("'", "&#39;") : STOPPING);
            if (type.contains("json")) {
                assertThat(answer.text()).matches("\\{\"error\":\"[^\"]+ seconds?\\.\"\\}");
            }
            assertThat(ask(client, "GET /", BROWSER).text())
                    .as("the connection stays usable")
                    .isEqualTo("ok");
        }
    }

    @Test
    void aBrowserGetsTheSitesOwnPageWithOneSentenceMore() throws Exception {
        try (Wire client = shedding(PAGE)) {
            Wire.Answer answer = ask(client, "POST /auth/sign_in", BROWSER);
            assertShed(answer);
            assertThat(answer.has("Content-Type: text/html"))
                    .as("the page itself says its encoding")
                    .isTrue();
            String html = new String(answer.body(), StandardCharsets.ISO_8859_1);
            assertThat(html)
                    .startsWith("<html><body><h1>D\u00e9sol\u00e9</h1>&lt;/body><!--</body>--><p>This site&#39;s front")
                    .endsWith(".</p>\n</BODY></html>\n");
            assertThat(Wire.number(answer.head(), "content-length", -1)).isEqualTo(answer.body().length);
            assertThat(ask(client, "POST /inbox", BROWSER).text()).startsWith("{\"error\":");
            assertThat(ask(client, "POST /x").text()).startsWith("503 Service Unavailable\nThis site");
        }
    }

    @Test
    void duringAMoveItSaysThatTheSiteIsBeingMoved() throws Exception {
        bench = BenchPlan.of(directory, site, site).with(new ErrorPage(PAGE)).open();
        try (Wire client = bench.client()) {
            bench.hold(Scope.WRITES, Expiry.SHED, Duration.ofSeconds(1));
            bench.await(s -> s.routing().arrivals() == Arrivals.SHED);
            Wire.Answer html = ask(client, "POST /auth/sign_in", BROWSER);
            assertShed(html);
            assertThat(html.text()).contains("<p>" + SORRY);
            Wire.Answer json = ask(client, "POST /api/v1/statuses");
            assertThat(json.text()).startsWith("{\"error\":\"" + SORRY);
            assertThat(json.text()).contains(" again in " + Wire.number(json.head(), "retry-after", -1) + " second");
        }
    }

    @Test
    void theAnswerToHeadHasNoBodyButItsLength() throws Exception {
        try (Wire client = shedding(PAGE)) {
            for (String accept : List.of(BROWSER, "Accept: application/json", "Accept: */*")) {
                int toHead =
                        Wire.number(ask(client, "HEAD /oauth/authorize", accept).head(), "content-length", -1);
                Wire.Answer toGet = ask(client, "GET /oauth/authorize", accept);
                assertThat(toGet.status()).isEqualTo(503);
                assertThat(toHead).isEqualTo(toGet.body().length).isPositive();
            }
        }
    }

    @Test
    void aFailingUpstreamShowsTheSitesPageAsItIs() throws Exception {
        site.behave((request, c) -> c.reset());
        try (Wire client = bench(PAGE).client()) {
            Wire.Answer html = ask(client, "GET /about", BROWSER);
            assertThat(html.status()).isEqualTo(502);
            assertThat(html.body()).isEqualTo(PAGE);
            assertThat(html.has("Retry-After: 10")).isTrue();
            Wire.Answer write = ask(client, "POST /auth/sign_in", BROWSER);
            assertThat(write.body()).isEqualTo(PAGE);
            assertThat(write.head()).as("it may have happened").doesNotContain("Retry-After");
            assertThat(ask(client, "GET /api/v1/x").text())
                    .isEqualTo("{\"error\":\"The site closed the connection before it answered.\"}");
            assertThat(ask(client, "GET /about").text())
                    .isEqualTo("502 Bad Gateway\nThe site closed the connection before it answered.\n");
        }
    }

    @Test
    void whatTheUpstreamItselfSaysIsPassedOn() throws Exception {
        site.behave((request, c) -> c.send("HTTP/1.1 503 Own\r\nContent-Length: 3\r\n\r\nown"));
        try (Wire client = bench(PAGE).client()) {
            assertThat(ask(client, "GET /about", BROWSER).text()).isEqualTo("own");
        }
    }

    @Test
    void aRefusedRequestGetsNoPageOfTheSiteFor4xx() throws Exception {
        bench(PAGE);
        try (Wire client = bench.client()) {
            Wire.Answer html = ask(client, "GET /<x>", BROWSER, "Bad Header: 1");
            assertThat(html.status()).isEqualTo(400);
            assertThat(html.has("Content-Type: text/html; charset=utf-8")).isTrue();
            assertThat(html.has("Connection: close")).isTrue();
            assertThat(html.text()).contains("<title>400 Bad Request</title>").doesNotContain("sol");
        }
        try (Wire client = bench.client()) {
            assertThat(ask(client, "POST /users/a/inbox", "Bad Header: 1").text())
                    .startsWith("{\"error\":\"");
        }
        try (Wire client = bench.client()) {
            client.send("POST /longer HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.answer().text()).isEqualTo("ok");
            // Where the path of the request before ended is nothing to go by.
            assertThat(ask(client, "POST x/inbox").has("Content-Type: text/plain; charset=utf-8"))
                    .isTrue();
        }
    }

    @Test
    void aPageWithoutABodyTagGetsTheSentenceAtItsEnd() {
        ErrorPage page = new ErrorPage("<h1>Sorry</h1>".getBytes(StandardCharsets.US_ASCII));
        assertThat(page.with("a <b> & 'c' \"d\" \u00e9\n"))
                .asString()
                .isEqualTo("<h1>Sorry</h1><p>a &#60;b&#62; &#38; &#39;c&#39; &#34;d&#34; &#233; </p>\n");
        assertThat(page.asItIs()).asString().isEqualTo("<h1>Sorry</h1>");
    }

    @Test
    void aPageThatIsTooLargeIsNotRead() throws Exception {
        Path file = directory.resolve("500.html");
        Files.write(file, new byte[ProxyConfig.MAX_ERROR_PAGE]);
        assertThat(ErrorPage.read(file).asItIs()).hasSize(ProxyConfig.MAX_ERROR_PAGE);
        Files.write(file, new byte[ProxyConfig.MAX_ERROR_PAGE + 1]);
        assertThatThrownBy(() -> ErrorPage.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("500.html")
                .hasMessageContaining("error_page");
    }
}
