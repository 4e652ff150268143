package sluice.proxy.it;

import java.util.ArrayList;
import java.util.List;

/** Requests that are the site's to answer, in short as {@link Try#both} takes them. */
final class SiteRequests {
    private SiteRequests() {}

    static List<String> all() {
        List<String> all = new ArrayList<>();
        answers(all);
        methods(all);
        targets(all);
        fields(all);
        bodies(all);
        return List.copyOf(all);
    }

    /** What the site makes, and what of it Mastodon's nginx compresses. */
    private static void answers(List<String> all) {
        for (String answer : List.of(
                "html",
                "json",
                "activity",
                "short",
                "coded",
                "chunked",
                "until-close",
                "etag",
                "weak",
                "varies",
                "partial",
                "ranges",
                "not-found",
                "forbidden",
                "error",
                "created",
                "upper",
                "plain",
                "empty")) {
            all.add("GET /site/" + answer);
            all.add("GET /site/" + answer + "|Accept-Encoding: gzip, deflate, br, zstd");
        }
        for (String answer : List.of(
                "moved",
                "signed",
                "cookies",
                "links",
                "hsts",
                "dated",
                "server",
                "hop",
                "accel",
                "redirects-inside",
                "modified",
                "unauthorized",
                "throttled",
                "gone",
                "unavailable",
                "gateway",
                "teapot",
                "unnamed",
                "empty-field",
                "latin",
                "large")) {
            all.add("GET /site/" + answer);
        }
        all.add("HEAD /site/html|Accept-Encoding: gzip");
        all.add("HEAD /site/plain");
        all.add("GET /site/html|Accept-Encoding: gzip|HTTP/1.0");
        all.add("GET /site/chunked|HTTP/1.0");
        all.add("GET /site/chunked|Accept-Encoding: gzip|HTTP/1.0");
        all.add("GET /site/until-close|HTTP/1.0");
        all.add("GET /site/html|HTTP/1.0|Connection: keep-alive");
        all.add("GET /site/chunked|HTTP/1.0|Connection: keep-alive");
        all.add("GET /site/html|Accept-Encoding: gzip|Via: 1.1 somebody");
        all.add("GET /site/html|Accept-Encoding: gzip|User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows 98)");
        for (String answer : List.of(
                "nothing",
                "half-line",
                "half-head",
                "short-body",
                "half-chunk",
                "no-last-chunk",
                "bad-chunk",
                "trailers",
                "extension",
                "garbage",
                "two-lengths",
                "same-lengths",
                "bad-length",
                "length-and-chunks",
                "coded-and-chunked",
                "bad-status",
                "low-status",
                "high-status",
                "bad-name",
                "no-colon",
                "nul",
                "folded",
                "bare-newlines",
                "version-2",
                "version-1.0",
                "old-until-close",
                "until-close",
                "early-hints",
                "continue",
                "unasked-upgrade",
                "no-content",
                "no-content-with-length",
                "reset-content",
                "not-modified",
                "too-much",
                "long-head")) {
            all.add("GET /raw/" + answer);
        }
        for (String answer : List.of("nothing", "half-head", "short-body", "garbage", "not-modified")) {
            all.add("POST /raw/" + answer + "||a=1");
        }
        all.add("HEAD /raw/too-much");
        all.add("GET /raw/until-close|HTTP/1.0");
        all.add("GET /raw/early-hints|HTTP/1.0");
        for (String way : List.of("reset", "reset-in-head", "mute", "mute-in-body")) {
            all.add("GET /site/" + way);
            all.add("POST /site/" + way + "||a=1");
        }
    }

    private static void methods(List<String> all) {
        for (String method : List.of(
                "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE", "TRACE", "QUERY", "get", "X_Y-Z")) {
            all.add(method + " /api/v1/statuses");
        }
        all.add("HEAD /about");
        all.add("POST /inbox|Content-Type: application/activity+json||{\"type\":\"Create\"}");
        all.add(
                "POST /users/alice/inbox|Digest: SHA-256=x|Signature: keyId=\"a\"|Date: Fri, 02 Jan 2026 03:04:05 GMT||{}");
        all.add("POST /system/x||a=1");
        all.add("POST /packs/x||a=1");
        all.add("OPTIONS *");
    }

    private static void targets(List<String> all) {
        for (String target : List.of(
                "/@alice",
                "/@alice@example.org/1",
                "/about?",
                "/about?x=1&x=2&y",
                "/about?x=%20+%2B",
                "/about?a=b?c",
                "/a%20b",
                "/a%2Fb",
                "/a%2fb",
                "/caf%C3%A9",
                "/caf%c3%a9",
                "/a//b",
                "//a",
                "/a/./b",
                "/a/../b",
                "/../a",
                "/a/%2e%2e/b",
                "/%2e%2e/a",
                "/a/..",
                "/a/.",
                "/%61bout",
                "/a%00b",
                "/a%zz",
                "/a%",
                "/a;b=c",
                "/a\\b",
                "/a\"b",
                "/a<b>",
                "/a{b}|X-A: 1",
                "/a^b`c",
                "/tags/%23x",
                "/a#b",
                "/.well-known/webfinger?resource=acct:alice@example.social",
                "/.well-known/acme-challenge/token",
                "/.well-known/acme-challenge/missing",
                "/api/v1/streaming",
                "/api/v1/streaming/",
                "/api/v1/streaming/public",
                "/api/v1/streaming/health?x=1",
                "/api/v1/streamingx",
                "/api/v1//streaming/public",
                "/api/v1/x/../streaming/public",
                "/api/v1/%73treaming/public",
                "/api/v1/Streaming",
                "/packsx",
                "/systemx/a",
                "/assets",
                "http://example.social/about?x=1",
                "https://example.social/about",
                "HTTP://example.social/about",
                "http://other.example/about",
                "http://example.social",
                "http://example.social?x=1",
                "http://a@example.social/",
                "about",
                "?x=1",
                "example.social:443",
                "ftp://example.social/")) {
            all.add("GET " + target);
        }
        all.add("GET /" + "a".repeat(2000));
        all.add("GET /about?" + "q".repeat(4000));
    }

    private static void fields(List<String> all) {
        for (String fields : List.of(
                "X-Forwarded-For: 192.0.2.1",
                "X-Forwarded-For: 192.0.2.1, 192.0.2.2|X-Forwarded-For: 192.0.2.3",
                "X-Forwarded-Proto: http",
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Port: 1",
                "X-Real-IP: 192.0.2.1",
                "Forwarded: for=192.0.2.1",
                "CF-Connecting-IP: 192.0.2.1",
                "Client-IP: 192.0.2.1",
                "Proxy: http://evil.example",
                "Connection: X-Secret|X-Secret: 1",
                "Connection: close",
                "Connection: keep-alive|Keep-Alive: timeout=5",
                "Connection: TE|TE: trailers",
                "TE: trailers",
                "Proxy-Connection: keep-alive",
                "Proxy-Authorization: Basic x",
                "Upgrade: h2c|Connection: Upgrade, HTTP2-Settings|HTTP2-Settings: AAMAAABkAAQAAP__",
                "Upgrade: foo|Connection: Upgrade",
                "Upgrade: websocket",
                "Authorization: Bearer x",
                "Cookie: a=1; b=2",
                "Cookie: a=1|Cookie: b=2",
                "X-Empty:",
                "X-Twice: 1|X-Twice: 2",
                "X-Under_score: 1",
                "X_Forwarded_For: 192.0.2.1",
                "X-Forwarded_For: 192.0.2.1",
                "X_Real_IP: 192.0.2.1",
                "X_Forwarded_Proto: http",
                "x_forwarded_for: 192.0.2.1|X-Forwarded-For: 192.0.2.2",
                "Content_Length: 5",
                "X-Spaces:   a  b  ",
                "X-Tab:\ta\tb",
                "X-Latin: caf\u00e9",
                "X-Utf8: caf\u00c3\u00a9",
                "X-Colons: a:b:c",
                "X-Accel-Redirect: /robots.txt",
                "If-None-Match: \"a\"",
                "If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT",
                "If-Match: \"a\"",
                "If-Range: \"a\"|Range: bytes=0-1",
                "Range: bytes=0-1",
                "Accept: text/html|Accept-Language: de|Accept-Encoding: gzip",
                "User-Agent: x|Referer: https://example.org/",
                "Date: Fri, 02 Jan 2026 03:04:05 GMT|Digest: SHA-256=x|Signature: keyId=\"a\"",
                "Content-Digest: sha-256=:x:|Signature-Input: a|Signature: b",
                "Expect: 100-continue",
                "Expect: something",
                "Cache-Control: no-cache|Pragma: no-cache",
                "Via: 1.1 a|Max-Forwards: 0",
                "Sec-WebSocket-Key: x",
                "Sluice: new",
                "X-Held-Ms: 5",
                "Host: example.social:443",
                "Host: EXAMPLE.social",
                "Host: example.social.",
                "Host: other.example",
                "Host: 127.0.0.1",
                "Host: [::1]",
                "Host: [::1]:443",
                "Host: a b",
                "Host: example.social/x",
                "Host: a@example.social",
                "Host: ex_ample.social",
                "Host:",
                "Content-Length: 0",
                "HTTP/1.0",
                "HTTP/1.0|Connection: keep-alive",
                "HTTP/1.0|Connection: close")) {
            all.add("GET /about|" + fields);
        }
        all.add("GET /api/v1/streaming/user|X-Forwarded-For: 192.0.2.1|Authorization: Bearer x");
    }

    private static void bodies(List<String> all) {
        String form = "Content-Type: application/x-www-form-urlencoded";
        all.add("POST /api/v1/statuses|" + form + "||status=hello");
        all.add("POST /api/v1/statuses||");
        all.add("POST /api/v1/statuses|Content-Length: 0");
        all.add("PUT /api/v1/x||a=1");
        all.add("DELETE /api/v1/x||a=1");
        all.add("GET /about||a=1");
        all.add("POST /api/v2/media||" + "m".repeat(20_000));
        all.add("POST /api/v2/media|Content-Type: multipart/form-data; boundary=x||--x\r\n\r\na\r\n--x--\r\n");
        all.add("POST /api/v1/statuses|Expect: 100-continue||a=1");
        all.add("POST /api/v1/statuses|HTTP/1.0||a=1");
        all.add("POST /api/v1/statuses|HTTP/1.0");
        for (String chunks : List.of(
                "3\r\na=1\r\n0\r\n\r\n",
                "0\r\n\r\n",
                "1\r\na\r\n2\r\n=1\r\n0\r\n\r\n",
                "03\r\na=1\r\n0\r\n\r\n",
                "3;x=y\r\na=1\r\n0\r\n\r\n",
                "3;x=\"y;z\"\r\na=1\r\n0\r\n\r\n",
                "3\r\na=1\r\n0\r\nX-Trailer: 1\r\n\r\n",
                "A\r\n0123456789\r\n0\r\n\r\n")) {
            all.add("POST /api/v1/statuses|Transfer-Encoding: chunked||" + chunks);
        }
        all.add("POST /api/v1/statuses|Transfer-Encoding: Chunked||0\r\n\r\n");
        all.add("GET /about|Transfer-Encoding: chunked||3\r\na=1\r\n0\r\n\r\n");
    }
}
