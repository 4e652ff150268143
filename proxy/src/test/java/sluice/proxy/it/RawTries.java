package sluice.proxy.it;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes over TLS: what is not HTTP, or is in doubt, or is too much, and several requests on one connection. Behind each stands a request
 * that ends the connection, so that it is seen where a server takes the one in doubt to end.
 */
final class RawTries {
    private static final String HOST = "Host: example.social\r\n";
    private static final String LAST = "GET /last HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n";
    private static final String POST = "POST /api/v1/statuses HTTP/1.1\r\n" + HOST;

    private RawTries() {}

    static List<Try> all() {
        List<Try> all = new ArrayList<>();
        doubtful()
                .forEach((name, bytes) -> all.add(
                        Try.raw("raw " + name, talk -> talk.send(bytes + LAST).answersToTheEnd())));
        several(all);
        upgrades(all);
        slow(all);
        return all;
    }

    private static String get(String fields) {
        return "GET /about HTTP/1.1\r\n" + HOST + fields + "\r\n";
    }

    private static Map<String, String> doubtful() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("nothing before", "");
        all.put("empty line before", "\r\n" + get(""));
        all.put("two empty lines before", "\r\n\r\n" + get(""));
        all.put("bare newline before", "\n" + get(""));
        all.put("bare newlines", get("").replace("\r\n", "\n"));
        all.put("bare newline in a field", get("X-A: 1\nX-B: 2\r\n"));
        all.put("bare return in a field", get("X-A: 1\rX-B: 2\r\n"));
        all.put("nul in a field", get("X-A: 1\0\r\n"));
        all.put("control in a field", get("X-A: 1\u0001\r\n"));
        all.put("delete in a field", get("X-A: 1\u007f\r\n"));
        all.put("folded field", get("X-A: 1\r\n 2\r\n"));
        all.put("space before the first field", "GET /about HTTP/1.1\r\n " + HOST + "\r\n");
        all.put("space before a colon", get("X-A : 1\r\n"));
        all.put("space before Host's colon", "GET /about HTTP/1.1\r\nHost : example.social\r\n\r\n");
        all.put("no colon", get("X-A\r\n"));
        all.put("no name", get(": 1\r\n"));
        all.put("bad name", get("X A: 1\r\n"));
        all.put("name in brackets", get("X(A): 1\r\n"));
        all.put("name with a slash", get("X/A: 1\r\n"));
        all.put("name with a dot", get("X.A: 1\r\n"));
        all.put("name not in ASCII", get("X-\u00c3\u00a9: 1\r\n"));
        all.put("no Host", "GET /about HTTP/1.1\r\n\r\n");
        all.put("no Host, 1.0", "GET /about HTTP/1.0\r\n\r\n");
        all.put("two Hosts", get(HOST));
        all.put("two other Hosts", get("Host: other.example\r\n"));
        all.put("Hosts with a comma", "GET /about HTTP/1.1\r\nHost: example.social, other.example\r\n\r\n");
        all.put("Host beside an absolute form", "GET http://other.example/about HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("two spaces", "GET  /about HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("two spaces behind the target", "GET /about  HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("tab between", "GET\t/about HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("space in the target", "GET /a b HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("space behind the version", "GET /about HTTP/1.1 \r\n" + HOST + "\r\n");
        all.put("space before the method", " GET /about HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("small version", "GET /about http/1.1\r\n" + HOST + "\r\n");
        all.put("version 1.2", "GET /about HTTP/1.2\r\n" + HOST + "\r\n");
        all.put("version 2.0", "GET /about HTTP/2.0\r\n" + HOST + "\r\n");
        all.put("version 9.9", "GET /about HTTP/9.9\r\n" + HOST + "\r\n");
        all.put("version 1.10", "GET /about HTTP/1.10\r\n" + HOST + "\r\n");
        all.put("version 01.1", "GET /about HTTP/01.1\r\n" + HOST + "\r\n");
        all.put("version 1", "GET /about HTTP/1\r\n" + HOST + "\r\n");
        all.put("no version", "GET /about\r\n");
        all.put("no target", "GET HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("bad method", "G(T /about HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("CONNECT", "CONNECT example.social:443 HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("CONNECT with a path", "CONNECT /about HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("control in the target", "GET /a\u0001b HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("nul in the target", "GET /a\0b HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("target not in ASCII", "GET /caf\u00c3\u00a9 HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        all.put("TLS inside of TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n");
        String cl = POST + "Content-Length: ";
        all.put("length +3", cl + "+3\r\n\r\na=1");
        all.put("length -3", cl + "-3\r\n\r\na=1");
        all.put("length 0x3", cl + "0x3\r\n\r\na=1");
        all.put("length 3 3", cl + "3 3\r\n\r\na=1");
        all.put("length 3, 3", cl + "3, 3\r\n\r\na=1");
        all.put("length 3.0", cl + "3.0\r\n\r\na=1");
        all.put("length 03", cl + "03\r\n\r\na=1");
        all.put("length empty", cl + "\r\n\r\n");
        all.put("length huge", cl + "99999999999999999999\r\n\r\na=1");
        all.put("two lengths", cl + "3\r\nContent-Length: 4\r\n\r\na=1");
        all.put("same length twice", cl + "3\r\nContent-Length: 3\r\n\r\na=1");
        String te = POST + "Transfer-Encoding: ";
        String chunks = "3\r\na=1\r\n0\r\n\r\n";
        all.put("length and chunked", cl + "3\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        all.put("chunked and length", te + "chunked\r\nContent-Length: 3\r\n\r\n" + chunks);
        all.put("chunked by 1.0", POST.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
        all.put("gzip, chunked", te + "gzip, chunked\r\n\r\n" + chunks);
        all.put("chunked, identity", te + "chunked, identity\r\n\r\n" + chunks);
        all.put("identity", te + "identity\r\n\r\n");
        all.put("xchunked", te + "xchunked\r\n\r\n" + chunks);
        all.put("chunked twice", te + "chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        all.put("chunked, chunked", te + "chunked, chunked\r\n\r\n" + chunks);
        all.put("chunked in quotes", te + "\"chunked\"\r\n\r\n" + chunks);
        all.put("chunked with a tab", te + "\tchunked\r\n\r\n" + chunks);
        all.put("chunked, vertical tab", te + "\u000bchunked\r\n\r\n" + chunks);
        all.put("Transfer-Encoding folded", te + "\r\n chunked\r\n\r\n" + chunks);
        all.put("Transfer_Encoding", POST + "Transfer_Encoding: chunked\r\nContent-Length: 3\r\n\r\na=1");
        String body = te + "chunked\r\n\r\n";
        all.put("chunk +3", body + "+3\r\na=1\r\n0\r\n\r\n");
        all.put("chunk 0x3", body + "0x3\r\na=1\r\n0\r\n\r\n");
        all.put("chunk with a space", body + "3 \r\na=1\r\n0\r\n\r\n");
        all.put("chunk with a space before", body + " 3\r\na=1\r\n0\r\n\r\n");
        all.put("chunk of nothing", body + "\r\na=1\r\n0\r\n\r\n");
        all.put("chunk huge", body + "fffffffffffffffff\r\na=1\r\n0\r\n\r\n");
        all.put("chunk too long", body + "3\r\na=12\r\n0\r\n\r\n");
        all.put("chunk too short", body + "3\r\na=\r\n0\r\n\r\n");
        all.put("chunk without CRLF", body + "3\r\na=10\r\n\r\n");
        all.put("chunk with bare newlines", body + "3\na=1\n0\n\n");
        all.put("chunk extension with a newline", body + "3;a\nb\r\na=1\r\n0\r\n\r\n");
        all.put("chunk extension with a return", body + "3;a\rb\r\na=1\r\n0\r\n\r\n");
        all.put("trailer with a length", body + "3\r\na=1\r\n0\r\nContent-Length: 9\r\n\r\n");
        all.put("bad trailer", body + "3\r\na=1\r\n0\r\nbad trailer\r\n\r\n");
        all.put("body too large", cl + "3000000\r\n\r\n");
        all.put("body too large, expected", cl + "3000000\r\nExpect: 100-continue\r\n\r\n");
        all.put("chunked body too large", body + "2dc6c0\r\n" + "m".repeat(3_000_000) + "\r\n0\r\n\r\n");
        all.put("target of 7,000", "GET /" + "a".repeat(7_000) + " HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("target of 9,000", "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\n" + HOST + "\r\n");
        all.put("field of 7,000", get("X-A: " + "a".repeat(7_000) + "\r\n"));
        all.put("field of 9,000", get("X-A: " + "a".repeat(9_000) + "\r\n"));
        all.put("fields of 20,000", get(("X-A: " + "a".repeat(2_000) + "\r\n").repeat(10)));
        all.put("100 fields", get("X-A: 1\r\n".repeat(100)));
        all.put("method of 200", "A".repeat(200) + " /about HTTP/1.1\r\n" + HOST + "\r\n");
        return all;
    }

    private static void several(List<Try> all) {
        String next = "GET /about?next HTTP/1.1\r\n" + HOST + "\r\n";
        all.add(Try.raw(
                "raw three at once", talk -> talk.send(get("") + next + LAST).answersToTheEnd()));
        all.add(Try.raw(
                "raw files and pages at once",
                talk -> talk.send(next.replace("about?next", "robots.txt")
                                + next
                                + next.replace("about?next", "packs/app.js")
                                + LAST)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw one after another",
                talk -> talk.send(next)
                        .answer(false)
                        .send(next.replace("about?next", "robots.txt"))
                        .answer(false)
                        .send(LAST)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw HEAD and GET at once",
                talk -> talk.send("HEAD /about HTTP/1.1\r\n" + HOST + "\r\n" + LAST)
                        .answer(true)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw POST and GET at once",
                talk -> talk.send(POST + "Content-Length: 3\r\n\r\na=1" + LAST).answersToTheEnd()));
        all.add(Try.raw(
                "raw chunks and GET at once",
                talk -> talk.send(POST + "Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n" + LAST)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw POST to a file and GET at once",
                talk -> talk.send("POST /packs/x HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\na=1" + LAST)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw GET behind one that closes",
                talk -> talk.send(get("Connection: close\r\n") + LAST).answersToTheEnd()));
        all.add(Try.raw(
                "raw 1.0 and 1.1 at once",
                talk -> talk.send("GET /about HTTP/1.0\r\n" + HOST + "Connection: keep-alive\r\n\r\n" + LAST)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw GET behind a failure",
                talk -> talk.send("GET /raw/nothing HTTP/1.1\r\n" + HOST + "\r\n" + LAST)
                        .answersToTheEnd()));
        all.add(Try.raw(
                "raw body that is expected",
                talk -> talk.send(POST + "Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
                        .interim()
                        .send("a=1")
                        .answersToTheEnd()));
    }

    private static void upgrades(List<Try> all) {
        String hello = "\u0081\u0085\u0001\u0002\u0003\u0004igohn";
        for (String target : List.of("/api/v1/streaming", "/api/v1/streaming/?stream=user", "/cable")) {
            all.add(Try.raw(
                    "raw WebSocket " + target,
                    talk -> talk.send(
                                    "GET " + target + " HTTP/1.1\r\n" + HOST
                                            + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://example.social\r\n\r\n")
                            .answer(false)
                            .send(hello)
                            .bytes(7)
                            .send("\u0088\u0082\u0000\u0000\u0000\u0000\u0003\u00e8")
                            .bytes(4)
                            .ended()));
        }
        all.add(Try.raw(
                "raw WebSocket with Connection: keep-alive, Upgrade",
                talk -> talk.send("GET /api/v1/streaming HTTP/1.1\r\n" + HOST
                                + "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n" + hello)
                        .answer(false)
                        .bytes(7)));
        all.add(Try.raw(
                "raw WebSocket by 1.0",
                talk -> talk.send(
                                "GET /about HTTP/1.0\r\n" + HOST + "Connection: Upgrade\r\nUpgrade: something\r\n\r\n")
                        .answersToTheEnd()));
    }

    private static void slow(List<Try> all) {
        all.add(Try.raw(
                "raw half a request line", talk -> talk.send("GET /about HT").answersToTheEnd()));
        all.add(Try.raw(
                "raw half a head",
                talk -> talk.send("GET /about HTTP/1.1\r\nHost: exam").answersToTheEnd()));
        all.add(Try.raw(
                "raw half a body",
                talk -> talk.send(POST + "Content-Length: 10\r\n\r\nhalf").answersToTheEnd()));
        all.add(Try.raw(
                "raw half a chunk",
                talk -> talk.send(POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nha")
                        .answersToTheEnd()));
        all.add(Try.raw("raw nothing at all", Talk::answersToTheEnd));
        all.add(Try.raw(
                "raw nothing behind a request", talk -> talk.send(get("")).answersToTheEnd()));
    }
}
