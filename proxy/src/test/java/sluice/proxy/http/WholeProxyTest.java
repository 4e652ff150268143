package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.Proxy;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.TestConfig;

/** What HTTP asks of a proxy, through the whole program over TLS, in each version that clients speak. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class WholeProxyTest {
    private static final String TEXT = "Text of which there is enough for a compressor to have some use. ".repeat(50);

    @TempDir
    Path directory;

    private final LittleSite site = new LittleSite(WholeProxyTest::answer);
    private Proxy proxy;

    @BeforeEach
    void start() throws Exception {
        PublicFolder folder = new PublicFolder(directory);
        ProxyConfig d = TestConfig.of(directory.resolve("state"), site.uri(), site.uri());
        ProxyConfig.Files f = d.files();
        proxy = Proxy.start(new ProxyConfig(
                d.preset(),
                d.rules(),
                d.domains(),
                d.tls(),
                d.clientAddress(),
                folder.root,
                d.errorPage(),
                d.listen(),
                d.state(),
                d.upstreams(),
                d.gate(),
                d.limits(),
                d.server(),
                new ProxyConfig.Files(List.of(folder.media), f.side(), f.cache(), f.hsts(), null, true, f.otherSide()),
                d.stopTimeout()));
    }

    @AfterEach
    void close() throws IOException {
        proxy.stop();
        site.close();
    }

    private static void answer(LittleSite.Request request, LittleSite.Connection c) throws IOException {
        String path = request.line().split(" ", -1)[1];
        boolean head = request.line().startsWith("HEAD ");
        switch (path) {
            case "/hints" ->
                c.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
                        + "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            case "/html" ->
                c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: " + TEXT.length()
                        + "\r\n\r\n" + (head ? "" : TEXT));
            case "/chunks" ->
                c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + (head ? "" : "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
            default -> {
                String body = request.head().length() + " " + new String(request.body(), StandardCharsets.UTF_8);
                c.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + (head ? "" : body));
            }
        }
    }

    private SSLSocket connect() throws Exception {
        int port = proxy.addresses().https().get(0).getPort();
        return (SSLSocket) AnyCertificate.context().getSocketFactory().createSocket("localhost", port);
    }

    private Wire http1() throws Exception {
        return new Wire(connect());
    }

    private Http2Wire http2() throws Exception {
        return new Http2Wire(connect());
    }

    private static String unzipped(byte[] body) throws IOException {
        return new String(new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void interimAnswersArePassedOnToWhoKnowsThem() throws Exception {
        try (Wire client = http1()) {
            client.send("GET /hints HTTP/1.1\r\nHost: a\r\n\r\n");
            Wire.Answer hints = client.answer();
            assertThat(hints.status()).isEqualTo(103);
            assertThat(hints.has("Link: </a.css>; rel=preload")).isTrue();
            assertThat(client.answer().status()).isEqualTo(102);
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        try (Wire client = http1()) {
            client.send("GET /hints HTTP/1.0\r\nHost: a\r\n\r\n");
            assertThat(client.answer().text()).isEqualTo("ok");
        }
        try (Http2Wire client = http2()) {
            Http2Wire.Answer answer = client.answer(client.get("/hints"));
            assertThat(answer.interim())
                    .extracting(Http2Headers::status)
                    .map(CharSequence::toString)
                    .containsExactly("103", "102");
            assertThat(answer.interim().get(0).get("link")).hasToString("</a.css>; rel=preload");
            assertThat(answer.text()).isEqualTo("ok");
        }
    }

    @Test
    void whoExpectsToBeToldIsToldToGoOn() throws Exception {
        try (Wire client = http1()) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(100);
            assertThat(client.send("abc").answer().text()).endsWith(" abc");
            client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 3\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(417);
        }
        try (Http2Wire client = http2()) {
            int stream = client.request("POST", "/inbox", false, "expect", "100-continue", "content-length", "3");
            assertThat(client.next(stream).headers().status()).hasToString("100");
            client.data(stream, "abc", true);
            assertThat(client.answer(stream).text()).endsWith(" abc");
        }
        assertThat(site.requests())
                .hasSize(2)
                .noneMatch(r -> r.head().toLowerCase(Locale.ROOT).contains("expect"));
    }

    @Test
    void aHeadHasTheFieldsOfAGetAndNoBody() throws Exception {
        for (String path : List.of("/html", "/chunks", "/robots.txt", "/packs/logo.png")) {
            try (Wire client = http1()) {
                client.send("HEAD " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
                Wire.Answer head = client.answer(true);
                client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
                Wire.Answer get = client.answer();
                assertThat(withoutDate(head.head())).as(path).isEqualTo(withoutDate(get.head()));
            }
            try (Http2Wire client = http2()) {
                Http2Wire.Answer head = client.answer(client.request("HEAD", path, true));
                Http2Wire.Answer get = client.answer(client.get(path));
                assertThat(head.body()).isEmpty();
                assertThat(head.field("content-length")).as(path).isEqualTo(get.field("content-length"));
                assertThat(get.status()).isEqualTo(200);
            }
        }
    }

    /** Nor what a HEAD need not tell: how a body would have been framed (RFC 9110, 9.3.2). */
    private static String withoutDate(String head) {
        return head.replaceAll("\r\n(Date: [^\r]*|Transfer-Encoding: chunked)", "");
    }

    @Test
    void anOldClientGetsWhatItUnderstands() throws Exception {
        try (Wire client = http1()) {
            client.send("GET /chunks HTTP/1.0\r\nHost: a\r\n\r\n");
            Wire.Answer answer = client.answer();
            assertThat(answer.head()).doesNotContain("chunked");
            assertThat(answer.text()).isEqualTo("abc");
        }
        try (Wire client = http1()) {
            for (String path : List.of("/html", "/robots.txt")) {
                client.send("GET " + path + " HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
                assertThat(client.answer().has("Connection: keep-alive"))
                        .as(path)
                        .isTrue();
            }
            client.send("GET /html HTTP/1.0\r\nHost: a\r\n\r\n");
            assertThat(client.answer().text()).isEqualTo(TEXT);
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void textIsCompressed() throws Exception {
        try (Wire client = http1()) {
            client.send("GET /html HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
            Wire.Answer answer = client.answer();
            assertThat(answer.has("Content-Encoding: gzip")).isTrue();
            assertThat(unzipped(answer.body())).isEqualTo(TEXT);
        }
        try (Http2Wire client = http2()) {
            Http2Wire.Answer answer = client.answer(client.request("GET", "/html", true, "accept-encoding", "gzip"));
            assertThat(answer.field("content-encoding")).isEqualTo("gzip");
            assertThat(unzipped(answer.body())).isEqualTo(TEXT);
        }
    }

    @Test
    void filesAreServedOverHttp2() throws Exception {
        try (Http2Wire client = http2()) {
            Http2Wire.Answer whole = client.answer(client.get("/packs/logo.png"));
            assertThat(whole.status()).isEqualTo(200);
            assertThat(whole.body()).hasSize(2000);
            assertThat(whole.field("cache-control")).isEqualTo("public, max-age=2419200, must-revalidate");
            Http2Wire.Answer known =
                    client.answer(client.request("GET", "/packs/logo.png", true, "if-none-match", whole.field("etag")));
            assertThat(known.status()).isEqualTo(304);
            assertThat(known.body()).isEmpty();
            Http2Wire.Answer part =
                    client.answer(client.request("GET", "/packs/logo.png", true, "range", "bytes=10-19"));
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole.body(), 10, 20));
            assertThat(client.answer(client.get("/packs/big.bin")).body()).hasSize(300_000);
            assertThat(client.answer(client.get("/packs/none.png")).status()).isEqualTo(404);
            assertThat(client.answer(client.get("/packs/..%2f..%2fsecret")).status())
                    .isEqualTo(404);
        }
        assertThat(site.requests()).isEmpty();
    }
}
