package sluice.proxy.it;

import java.util.ArrayList;
import java.util.List;

/** Port 80: everybody is sent to https, and certificate authorities get their answers. */
final class PlainTries {
    private static final String LAST = "GET /last HTTP/1.1\r\nHost: example.social\r\nConnection: close\r\n\r\n";

    private PlainTries() {}

    static List<Try> all() {
        List<Try> all = new ArrayList<>();
        for (String request : List.of(
                "GET /",
                "GET /about?x=1&y",
                "GET /about?",
                "GET /a%20b/caf%C3%A9?x=%2F",
                "GET /a//b/../c",
                "GET //evil.example/a",
                "GET /a\\b",
                "GET /@alice@example.org",
                "GET http://example.social/about?x=1",
                "GET http://other.example/about",
                "HEAD /about",
                "POST /inbox||{}",
                "POST /inbox|Transfer-Encoding: chunked||2\r\n{}\r\n0\r\n\r\n",
                "PUT /a||a=1",
                "DELETE /a",
                "OPTIONS /a",
                "OPTIONS *",
                "PROPFIND /a",
                "GET /robots.txt",
                "GET /packs/app.js",
                "GET /system/media/original/small.mp4",
                "GET /api/v1/streaming/public",
                "GET /about|Host: example.social:80",
                "GET /about|Host: EXAMPLE.Social",
                "GET /about|Host: example.social.",
                "GET /about|Host: other.example",
                "GET /about|Host: 127.0.0.1:8080",
                "GET /about|Host: [::1]",
                "GET /about|Host: [::1]:80",
                "GET /about|Host: a b",
                "GET /about|Host: evil.example/x",
                "GET /about|Host: a@b",
                "GET /about|Host:",
                "GET /about|HTTP/1.0",
                "GET /about|HTTP/1.0|Connection: keep-alive",
                "GET /about|Connection: close",
                "GET /about|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AAMAAABkAAQAAP__",
                "GET /about|Upgrade-Insecure-Requests: 1",
                "GET /about|Expect: 100-continue",
                "GET /about|X-Forwarded-Proto: https",
                "GET /about|Accept-Encoding: gzip",
                "GET /.well-known/acme-challenge/token",
                "HEAD /.well-known/acme-challenge/token",
                "GET /.well-known/acme-challenge/token?x=1",
                "GET /.well-known/acme-challenge/token|Range: bytes=0-1",
                "GET /.well-known/acme-challenge/token|Accept-Encoding: gzip",
                "GET /.well-known/acme-challenge/token|HTTP/1.0",
                "GET /.well-known/acme-challenge/token|Host: other.example",
                "POST /.well-known/acme-challenge/token||",
                "GET /.well-known/acme-challenge/missing",
                "GET /.well-known/acme-challenge/",
                "GET /.well-known/acme-challenge",
                "GET /.well-known/acme-challenge/a/b",
                "GET /.well-known/acme-challenge/../../robots.txt",
                "GET /.well-known/acme-challenge/%2e%2e/%2e%2e/robots.txt",
                "GET /.well-known/acme-challenge/..%2f..%2frobots.txt",
                "GET /.well-known//acme-challenge/token",
                "GET /x/../.well-known/acme-challenge/token",
                "GET /.well-known/%61cme-challenge/token",
                "GET /.well-known/hello.txt",
                "GET /" + "a".repeat(3_000))) {
            all.add(Try.port80(request));
        }
        String host = "Host: example.social\r\n";
        raw(all, "no Host", "GET /about HTTP/1.1\r\n\r\n");
        raw(all, "no Host, 1.0", "GET /about HTTP/1.0\r\n\r\n");
        raw(all, "two Hosts", "GET /about HTTP/1.1\r\n" + host + host + "\r\n");
        raw(all, "bad version", "GET /about HTTP/3.7\r\n" + host + "\r\n");
        raw(all, "bare newline in a field", "GET /about HTTP/1.1\r\n" + host + "X-A: 1\nX-B: 2\r\n\r\n");
        raw(all, "two at once", "GET /about HTTP/1.1\r\n" + host + "\r\n");
        raw(all, "a body and one behind", "POST /inbox HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}");
        raw(all, "preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        raw(all, "TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n");
        raw(all, "garbage", "What is this?\r\n\r\n");
        all.add(Try.plain(
                "half-closed behind a request",
                talk -> talk.send("GET /about HTTP/1.1\r\n" + host + "\r\n")
                        .sendNoMore()
                        .answersToTheEnd()));
        all.add(Try.plain("half a head", talk -> talk.send("GET /about HT").answersToTheEnd()));
        return all;
    }

    private static void raw(List<Try> all, String name, String bytes) {
        all.add(Try.plain(name, talk -> talk.send(bytes + LAST).answersToTheEnd()));
    }
}
