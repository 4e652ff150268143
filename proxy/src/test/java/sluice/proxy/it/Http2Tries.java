package sluice.proxy.it;

import java.util.ArrayList;
import java.util.List;
import sluice.proxy.http.Http2Wire;

/** What only HTTP/2 can say: header lists, right and wrong ones, and bodies in frames. */
final class Http2Tries {
    private static final String[] USUAL = {
        ":method", "GET", ":scheme", "https", ":authority", "example.social", ":path", "/about"
    };

    private Http2Tries() {}

    static List<Try> all() {
        List<Try> all = new ArrayList<>();
        lists(all);
        bodies(all);
        return all;
    }

    private static void list(List<Try> all, String name, String... pairs) {
        all.add(Try.http2("h2list " + name, wire -> wire.answer(wire.headers(true, pairs))));
    }

    private static void more(List<Try> all, String name, String... more) {
        list(all, name, concat(USUAL, more));
    }

    private static String[] concat(String[] first, String... second) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(second));
        return all.toArray(new String[0]);
    }

    /** The usual list with another value, or without it when it is null. */
    private static String[] with(String name, String value) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < USUAL.length; i += 2) {
            String here = USUAL[i].equals(name) ? value : USUAL[i + 1];
            if (here != null) {
                all.add(USUAL[i]);
                all.add(here);
            }
        }
        return all.toArray(new String[0]);
    }

    private static void lists(List<Try> all) {
        list(all, "usual", USUAL);
        for (String name : List.of(":method", ":scheme", ":authority", ":path")) {
            list(all, "no " + name, with(name, null));
            list(all, "empty " + name, with(name, ""));
            more(all, name + " twice", name, "x");
        }
        list(all, "Host for :authority", concat(with(":authority", null), "host", "example.social"));
        more(all, "Host and :authority", "host", "example.social");
        more(all, "another Host", "host", "other.example");
        more(all, "pseudo field behind others", "x-a", "1", ":other", "x");
        list(all, "path behind others", concat(with(":path", null), "x-a", "1", ":path", "/about"));
        more(all, ":status", ":status", "200");
        more(all, ":protocol", ":protocol", "websocket");
        list(all, "http", with(":scheme", "http"));
        list(all, "ftp", with(":scheme", "ftp"));
        list(all, "CONNECT", ":method", "CONNECT", ":authority", "example.social:443");
        list(all, "CONNECT with a path", with(":method", "CONNECT"));
        list(all, "OPTIONS *", ":method", "OPTIONS", ":scheme", "https", ":authority", "example.social", ":path", "*");
        for (String path :
                List.of("about", "http://example.social/about", "*", "/a b", "/a\tb", "/caf\u00e9", "/a#b")) {
            list(all, "path " + path.replace('\t', '~'), with(":path", path));
        }
        list(all, "method with a space", with(":method", "GET /x"));
        list(all, "method in small letters", with(":method", "get"));
        list(all, "authority with a user", with(":authority", "a@example.social"));
        list(all, "authority with a port", with(":authority", "example.social:443"));
        list(all, "another authority", with(":authority", "other.example"));
        more(all, "capitals", "X-A", "1");
        more(all, "connection", "connection", "keep-alive");
        more(all, "connection close", "connection", "close");
        more(all, "keep-alive", "keep-alive", "timeout=5");
        more(all, "proxy-connection", "proxy-connection", "keep-alive");
        more(all, "transfer-encoding", "transfer-encoding", "chunked");
        more(all, "upgrade", "upgrade", "websocket");
        more(all, "te trailers", "te", "trailers");
        more(all, "te gzip", "te", "gzip");
        more(all, "space in a name", "x a", "1");
        more(all, "colon in a name", "x:a", "1");
        more(all, "empty name", "", "1");
        more(all, "newline in a value", "x-a", "1\nx-b: 2");
        more(all, "return in a value", "x-a", "1\rx");
        more(all, "nul in a value", "x-a", "1\0");
        more(all, "spaces around a value", "x-a", "  1  ");
        more(all, "empty value", "x-a", "");
        more(all, "value not in ASCII", "x-a", "caf\u00e9");
        more(all, "cookie crumbs", "cookie", "a=1", "x-a", "1", "cookie", "b=2", "cookie", "c=3");
        more(all, "expect", "expect", "100-continue");
        more(all, "length 0", "content-length", "0");
        more(all, "length without a body", "content-length", "3");
        more(all, "large field", "x-a", "a".repeat(5_000));
        more(all, "larger field", "x-a", "a".repeat(12_000));
        more(all, "underscore", "x_a", "1");
        more(all, "forwarded", "x-forwarded-for", "192.0.2.1", "x-forwarded-proto", "http", "x-real-ip", "192.0.2.1");
        String[] many = new String[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = i % 2 == 0 ? "x-a" : "1";
        }
        more(all, "100 fields", many);
    }

    private static void bodies(List<Try> all) {
        body(all, "body without a length", false, "a=1");
        body(all, "body in two frames", false, "a=", "1");
        body(all, "body with an empty frame behind", false, "a=1", "");
        body(all, "body of its length", true, "a=1");
        body(all, "body shorter than its length", true, "a");
        body(all, "body longer than its length", true, "a=12");
        body(all, "empty body", false, "");
        all.add(Try.http2("h2list trailers of a request", wire -> {
            int stream = wire.request("POST", "/api/v1/statuses", false);
            wire.data(stream, "a=1", false);
            wire.frame(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS | Http2Wire.END_STREAM,
                    stream,
                    wire.block("x-trailer", "1"));
            return wire.answer(stream);
        }));
        all.add(Try.http2("h2list pseudo fields in trailers", wire -> {
            int stream = wire.request("POST", "/api/v1/statuses", false);
            wire.data(stream, "a=1", false);
            wire.frame(
                    Http2Wire.HEADERS, Http2Wire.END_HEADERS | Http2Wire.END_STREAM, stream, wire.block(":path", "/x"));
            return wire.answer(stream);
        }));
        all.add(Try.http2("h2list body too large", wire -> {
            int stream = wire.request("POST", "/api/v1/statuses", false, "content-length", "3000000");
            return wire.answer(stream);
        }));
        all.add(Try.http2("h2list a stream behind one that is reset", wire -> {
            int first = wire.request("POST", "/api/v1/statuses", false);
            wire.reset(first);
            return wire.answer(wire.get("/about"));
        }));
        all.add(Try.http2("h2list two streams", wire -> {
            int first = wire.get("/about?first");
            int second = wire.get("/robots.txt");
            wire.answer(first);
            return wire.answer(second);
        }));
    }

    /** {@code told}: with a length of 3. */
    private static void body(List<Try> all, String name, boolean told, String... frames) {
        all.add(Try.http2("h2list " + name, wire -> {
            String[] more = told ? new String[] {"content-length", "3"} : new String[0];
            int stream = wire.request("POST", "/api/v1/statuses", false, more);
            for (int i = 0; i < frames.length; i++) {
                wire.data(stream, frames[i], i == frames.length - 1);
            }
            return wire.answer(stream);
        }));
    }
}
