package sluice.proxy.it;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import sluice.proxy.http.Http2Wire;

/**
 * Something that a client does with a server, over and over the same.
 *
 * @param name as it stands in the table of differences: the protocol, then what is sent
 */
record Try(String name, Play play) {
    /** A server to be tried. {@code trusted} makes connections to {@code https}. */
    record Server(int https, int http, SSLContext trusted) {}

    /** Does it, from an address, and says what was seen. */
    interface Play {
        Map<String, String> on(Server server, String from) throws Exception;
    }

    /** What to do on a connection of HTTP/1. */
    interface Script {
        void run(Talk talk) throws IOException;
    }

    Map<String, String> on(Server server, String from) throws Exception {
        try {
            return play.on(server, from);
        } catch (SocketTimeoutException e) {
            throw new IOException(name + ": nothing came for 20 s, on port " + server.https(), e);
        } catch (RuntimeException e) {
            throw new IOException(name, e);
        }
    }

    /** In bytes over TLS. */
    static Try raw(String name, Script script) {
        return new Try(name, (server, from) -> run(new Talk(from, server.https(), server.trusted()), script));
    }

    /** In bytes on port 80. */
    static Try plain(String name, Script script) {
        return new Try("plain " + name, (server, from) -> run(new Talk(from, server.http(), null), script));
    }

    private static Map<String, String> run(Talk open, Script script) throws IOException {
        try (Talk talk = open) {
            try {
                script.run(talk);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (EOFException | SocketException | SSLException e) {
                // A reset for what nobody reads any more may overtake the end.
                talk.put("end", "without an answer");
            }
            return talk.seen();
        }
    }

    /**
     * A request in short: {@code METHOD target|Field: value|…||body}. A field {@code HTTP/1.0} is the version. A body has its length told
     * unless a field tells how it is sent.
     */
    private record Brief(String method, String target, String version, List<String> fields, String body) {
        static Brief of(String text) {
            String[] headAndBody = text.split("\\|\\|", 2);
            String[] parts = headAndBody[0].split("\\|", -1);
            String version = "HTTP/1.1";
            List<String> fields = new ArrayList<>();
            for (int i = 1; i < parts.length; i++) {
                if (parts[i].startsWith("HTTP/")) {
                    version = parts[i];
                } else {
                    fields.add(parts[i]);
                }
            }
            String body = headAndBody.length < 2 ? "" : headAndBody[1];
            if (headAndBody.length == 2
                    && fields.stream()
                            .map(field -> field.toLowerCase(Locale.ROOT))
                            .noneMatch(field ->
                                    field.startsWith("content-length:") || field.startsWith("transfer-encoding:"))) {
                fields.add("Content-Length: " + body.length());
            }
            int space = parts[0].indexOf(' ');
            return new Brief(parts[0].substring(0, space), parts[0].substring(space + 1), version, fields, body);
        }

        String bytes() {
            String host =
                    fields.stream().anyMatch(field -> field.startsWith("Host:")) ? "" : "Host: example.social\r\n";
            return method + " " + target + " " + version + "\r\n" + host
                    + fields.stream().map(field -> field + "\r\n").collect(Collectors.joining()) + "\r\n" + body;
        }

        /** HTTP/2 has no such fields. */
        boolean twoToo() {
            return version.equals("HTTP/1.1")
                    && fields.stream()
                            .noneMatch(field -> field.matches(
                                    "(?i)(connection|transfer-encoding|upgrade|keep-alive|te|host|expect):.*"));
        }

        String[] pairs() {
            List<String> pairs = new ArrayList<>();
            for (String field : fields) {
                int colon = field.indexOf(':');
                pairs.add(field.substring(0, colon).toLowerCase(Locale.ROOT));
                pairs.add(field.substring(colon + 1).strip());
            }
            return pairs.toArray(new String[0]);
        }
    }

    /** One request and its answer over TLS, by HTTP/1.1 and, if it can be said there, by HTTP/2. */
    static List<Try> both(String text) {
        Brief request = Brief.of(text);
        Try one = one(text);
        return request.twoToo() ? List.of(one, two("h2 " + text, request)) : List.of(one);
    }

    /** By HTTP/1.1 only. */
    static Try one(String text) {
        Brief request = Brief.of(text);
        return raw(
                "h1 " + text,
                talk -> talk.send(request.bytes())
                        .answer(request.method.equals("HEAD"))
                        .end());
    }

    /** On port 80. */
    static Try port80(String text) {
        Brief request = Brief.of(text);
        return plain(
                text,
                talk -> talk.send(request.bytes())
                        .answer(request.method.equals("HEAD"))
                        .end());
    }

    private static Try two(String name, Brief request) {
        return http2(name, wire -> {
            boolean empty = request.body.isEmpty();
            int stream = wire.request(request.method, request.target, empty, request.pairs());
            if (!empty) {
                for (int at = 0; at < request.body.length(); at += 10_000) {
                    int to = Math.min(at + 10_000, request.body.length());
                    wire.data(stream, request.body.substring(at, to), to == request.body.length());
                }
            }
            return wire.answer(stream);
        });
    }

    /** What to do on a connection of HTTP/2. */
    interface Frames {
        Http2Wire.Answer run(Http2Wire wire) throws Exception;
    }

    static Try http2(String name, Frames frames) {
        return new Try(name, (server, from) -> {
            Map<String, String> seen = new TreeMap<>();
            try (Http2Wire wire =
                    new Http2Wire(Talk.secured(Talk.connect(from, server.https()), server.trusted(), "h2"))) {
                try {
                    seen(frames.run(wire), seen);
                } catch (SocketTimeoutException e) {
                    throw e;
                } catch (EOFException | SocketException | SSLException e) {
                    seen.put(
                            "end",
                            "the connection, " + (wire.goodbye() < 0 ? "no GOAWAY" : "GOAWAY " + wire.goodbye()));
                }
            }
            return seen;
        });
    }

    private static void seen(Http2Wire.Answer answer, Map<String, String> seen) throws IOException {
        for (int i = 0; i < answer.interim().size(); i++) {
            seen.put("interim " + (i + 1), answer.interim().get(i).toString().replaceFirst(".*Headers", ""));
        }
        if (answer.headers() != null) {
            Map<String, String> fields = new TreeMap<>();
            answer.headers()
                    .forEach(field -> fields.merge(
                            field.getKey().toString(), field.getValue().toString(), (a, b) -> a + " & " + b));
            seen.put("status", fields.remove(":status"));
            Talk.answer(seen, "", fields, answer.body(), answer.reset() < 0 ? "" : ", cut off");
        }
        if (answer.reset() >= 0) {
            seen.put("end", "reset " + answer.reset());
        }
    }
}
