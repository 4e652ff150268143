package sluice.proxy.it;

import java.io.IOException;
import java.util.Map;
import sluice.proxy.it.RecordingSite.Line;
import sluice.proxy.it.RecordingSite.Request;

/** What a {@link RecordingSite} answers: as a site does, and as none should. */
final class SiteAnswers {
    private static final String TEXT = "Text of which there is enough for a compressor to have some use. ".repeat(30);

    /** Below {@code /site/}: status line and fields, a blank line is added, and the body with its length. */
    private static final Map<String, String> USUAL = Map.ofEntries(
            Map.entry("html", "200 OK\r\nContent-Type: text/html; charset=utf-8"),
            Map.entry("json", "200 OK\r\nContent-Type: application/json; charset=utf-8"),
            Map.entry("upper", "200 OK\r\nContent-Type: Application/JSON;charset=utf-8"),
            Map.entry("activity", "200 OK\r\nContent-Type: application/activity+json; charset=utf-8"),
            Map.entry("coded", "200 OK\r\nContent-Type: text/html\r\nContent-Encoding: x-a"),
            Map.entry("etag", "200 OK\r\nContent-Type: text/html\r\nETag: \"a\""),
            Map.entry("weak", "200 OK\r\nContent-Type: text/html\r\nETag: W/\"a\""),
            Map.entry("varies", "200 OK\r\nContent-Type: text/html\r\nVary: Accept, Cookie"),
            Map.entry("partial", "206 Partial Content\r\nContent-Type: text/html\r\nContent-Range: bytes 0-9/99"),
            Map.entry("ranges", "200 OK\r\nContent-Type: text/html\r\nAccept-Ranges: bytes"),
            Map.entry("not-found", "404 Not Found\r\nContent-Type: text/html"),
            Map.entry("forbidden", "403 Forbidden\r\nContent-Type: text/html"),
            Map.entry("error", "500 Internal Server Error\r\nContent-Type: text/html"),
            Map.entry("created", "201 Created\r\nContent-Type: text/html\r\nLocation: /statuses/1"),
            Map.entry("plain", "200 OK\r\nContent-Type: text/plain"),
            Map.entry("moved", "302 Found\r\nLocation: http://example.social/about?x=1\r\nContent-Type: text/x-site"),
            Map.entry("signed", "200 OK\r\nContent-Type: text/x-site\r\nDigest: SHA-256=x\r\nSignature: a=\"b\""),
            Map.entry("cookies", "200 OK\r\nContent-Type: text/x-site\r\nSet-Cookie: a=1; Secure\r\nSet-Cookie: b=2"),
            Map.entry("links", "200 OK\r\nContent-Type: text/x-site\r\nLink: <a>; rel=x\r\nLink: <b>; rel=y"),
            Map.entry("hsts", "200 OK\r\nContent-Type: text/x-site\r\nStrict-Transport-Security: max-age=1"),
            Map.entry("dated", "200 OK\r\nContent-Type: text/x-site\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT"),
            Map.entry("server", "200 OK\r\nContent-Type: text/x-site\r\nServer: Mastodon"),
            Map.entry("hop", "200 OK\r\nContent-Type: text/x-site\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: a=1"),
            Map.entry("accel", "200 OK\r\nContent-Type: text/x-site\r\nX-Accel-Buffering: no\r\nX-Accel-Expires: 0"),
            Map.entry("redirects-inside", "200 OK\r\nContent-Type: text/x-site\r\nX-Accel-Redirect: /robots.txt"),
            Map.entry(
                    "modified",
                    "200 OK\r\nContent-Type: text/x-site\r\nETag: \"m\"\r\nLast-Modified: "
                            + "Fri, 02 Jan 2026 03:04:05 GMT"),
            Map.entry("unauthorized", "401 Unauthorized\r\nContent-Type: text/x-site\r\nWWW-Authenticate: Bearer"),
            Map.entry("throttled", "429 Too Many Requests\r\nContent-Type: text/x-site\r\nRetry-After: 10"),
            Map.entry("gone", "410 Gone\r\nContent-Type: text/x-site"),
            Map.entry("unavailable", "503 Service Unavailable\r\nContent-Type: text/x-site\r\nRetry-After: 5"),
            Map.entry("gateway", "502 Bad Gateway\r\nContent-Type: text/x-site"),
            Map.entry("teapot", "418 I'm a teapot\r\nContent-Type: text/x-site"),
            Map.entry("unnamed", "299 \r\nContent-Type: text/x-site"),
            Map.entry("empty-field", "200 OK\r\nContent-Type: text/x-site\r\nX-Empty:"),
            Map.entry("latin", "200 OK\r\nContent-Type: text/x-site\r\nX-Name: caf\u00e9"));

    /** Below {@code /raw/}: all that is sent; then the connection is closed. */
    private static final Map<String, String> RAW = Map.ofEntries(
            Map.entry("nothing", ""),
            Map.entry("half-line", "HTTP/1.1 200"),
            Map.entry("half-head", "HTTP/1.1 200 OK\r\nContent-Type: text/x-site\r\n"),
            Map.entry("short-body", "HTTP/1.1 200 OK\r\n%sContent-Length: 10\r\n\r\nfive!"),
            Map.entry("half-chunk", "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n5\r\nfi"),
            Map.entry("no-last-chunk", "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n5\r\nfive!\r\n"),
            Map.entry("bad-chunk", "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\nx\r\nfive!\r\n0\r\n\r\n"),
            Map.entry(
                    "trailers",
                    "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n"),
            Map.entry("extension", "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\n\r\n"),
            Map.entry("garbage", "This is no HTTP at all, and never was.\r\n\r\n"),
            Map.entry("two-lengths", "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"),
            Map.entry("same-lengths", "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
            Map.entry("bad-length", "HTTP/1.1 200 OK\r\n%sContent-Length: two\r\n\r\nok"),
            Map.entry(
                    "length-and-chunks",
                    "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
            Map.entry("coded-and-chunked", "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            Map.entry("bad-status", "HTTP/1.1 abc OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("low-status", "HTTP/1.1 99 OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("high-status", "HTTP/1.1 999 OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("bad-name", "HTTP/1.1 200 OK\r\n%sBad Name: 1\r\nContent-Length: 2\r\n\r\nok"),
            Map.entry("no-colon", "HTTP/1.1 200 OK\r\n%sNocolon\r\nContent-Length: 2\r\n\r\nok"),
            Map.entry("nul", "HTTP/1.1 200 OK\r\n%sX-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok"),
            Map.entry("folded", "HTTP/1.1 200 OK\r\n%sX-Long: a\r\n b\r\nContent-Length: 2\r\n\r\nok"),
            Map.entry("bare-newlines", "HTTP/1.1 200 OK\nCache-Control: no-store\nContent-Length: 2\n\nok"),
            Map.entry("version-2", "HTTP/2.0 200 OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("version-1.0", "HTTP/1.0 200 OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("old-until-close", "HTTP/1.0 200 OK\r\n%s\r\nuntil the end"),
            Map.entry("until-close", "HTTP/1.1 200 OK\r\n%s\r\nuntil the end"),
            Map.entry(
                    "early-hints",
                    "HTTP/1.1 103 Early Hints\r\nLink: <a.css>; rel=preload\r\n\r\n"
                            + "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("continue", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry(
                    "unasked-upgrade",
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" + "Connection: upgrade\r\n\r\nframes"),
            Map.entry("no-content", "HTTP/1.1 204 No Content\r\n%sX-A: 1\r\n\r\n"),
            Map.entry("no-content-with-length", "HTTP/1.1 204 No Content\r\n%sContent-Length: 2\r\n\r\nok"),
            Map.entry("reset-content", "HTTP/1.1 205 Reset Content\r\n%sContent-Length: 0\r\n\r\n"),
            Map.entry("not-modified", "HTTP/1.1 304 Not Modified\r\n%sETag: \"m\"\r\n\r\n"),
            Map.entry("too-much", "HTTP/1.1 200 OK\r\n%sContent-Length: 2\r\n\r\nok and more"),
            Map.entry(
                    "long-head",
                    "HTTP/1.1 200 OK\r\n%sX-Long: " + "a".repeat(40_000) + "\r\nContent-Length: 2\r\n\r\nok"));

    private SiteAnswers() {}

    static void answer(Request request, Line line) throws IOException {
        String path = request.target().replaceFirst("\\?.*", "");
        boolean head = request.method().equals("HEAD");
        if (path.startsWith("/raw/")) {
            String raw = RAW.get(path.substring(5));
            line.send(raw == null ? "HTTP/1.1 500 no such answer\r\n\r\n" : raw.replace("%s", typeAndPolicy()));
            line.close();
        } else if (path.startsWith("/site/") && USUAL.containsKey(path.substring(6))) {
            String fields = USUAL.get(path.substring(6));
            send(line, fields, fields.contains("text/x-site") ? "site" : TEXT, head);
        } else if (request.field("upgrade").equalsIgnoreCase("websocket")) {
            webSocket(line);
        } else {
            special(path, head, line);
        }
    }

    private static String typeAndPolicy() {
        return "Content-Type: text/x-site\r\nCache-Control: private, no-store\r\n";
    }

    private static void special(String path, boolean head, Line line) throws IOException {
        switch (path) {
            case "/site/short" -> send(line, "200 OK\r\nContent-Type: text/html", "nineteen characters", head);
            case "/site/empty" -> send(line, "200 OK\r\nContent-Type: text/html", "", head);
            case "/site/large" -> send(line, "200 OK\r\nContent-Type: text/x-site", "0123456789".repeat(50_000), head);
            case "/site/chunked" -> {
                line.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: private, no-store\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(TEXT.length()) + "\r\n" + TEXT
                        + "\r\n");
                line.send("3\r\nend\r\n0\r\n\r\n");
            }
            case "/site/until-close" -> {
                line.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: private, no-store\r\n"
                        + "Connection: close\r\n\r\n" + TEXT);
                line.close();
            }
            case "/site/reset" -> line.reset();
            case "/site/reset-in-head" -> {
                line.send("HTTP/1.1 200 OK\r\nContent-");
                line.reset();
            }
            case "/site/mute" -> {
                // Until the proxy gives up.
                if (line.in().read() >= 0) {
                    throw new IOException("a request behind one that was not answered");
                }
            }
            case "/site/mute-in-body" -> {
                line.send("HTTP/1.1 200 OK\r\n" + typeAndPolicy() + "Content-Length: 10\r\n\r\nfive!");
                if (line.in().read() >= 0) {
                    throw new IOException("a request behind one that was not answered");
                }
            }
            case "/api/v1/streaming/public" -> {
                line.send(String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "Content-Type: text/event-stream",
                        "Cache-Control: private, no-store",
                        "Transfer-Encoding: chunked",
                        "",
                        "3",
                        ":)\n",
                        ""));
                line.send("13\r\nevent: a\ndata: b\n\n\n\r\n0\r\n\r\n");
            }
            default -> {
                if (path.startsWith("/system/")) {
                    boolean known = path.equals("/system/only/new.mp4");
                    send(line, (known ? "200 OK" : "404 Not Found") + "\r\nContent-Type: text/x-site", "file", head);
                } else {
                    send(line, "200 OK\r\nContent-Type: text/x-site\r\nX-Site: 1", "site", head);
                }
            }
        }
    }

    private static void send(Line line, String statusAndFields, String body, boolean toHead) throws IOException {
        line.send("HTTP/1.1 " + statusAndFields + "\r\nCache-Control: private, no-store\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + (toHead ? "" : body));
    }

    /** RFC 6455: a text is read and sent back, then a close. */
    private static void webSocket(Line line) throws IOException {
        line.send(String.join(
                "\r\n",
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Accept: x",
                "",
                ""));
        byte[] text = line.in().readNBytes(11);
        if (text.length < 11) {
            return;
        }
        byte[] plain = new byte[5];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (byte) (text[6 + i] ^ text[2 + i % 4]);
        }
        line.send("\u0081\u0005" + RecordingSite.text(plain));
        line.in().readNBytes(8);
        line.send("\u0088\u0002\u0003\u00e8");
        line.close();
    }
}
