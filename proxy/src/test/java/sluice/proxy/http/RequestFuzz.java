package sluice.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import sluice.proxy.fuzz.Cuts;

/**
 * Fuzz target: what a client sends over HTTP/1. Whatever it is, and however it is cut:
 * <ul>
 *   <li>what the site gets is beyond doubt ({@link PlainHttp}), and is what Netty's decoder reads in the same bytes: the same requests
 *       in the same order, none invented, none left out;
 *   <li>each is answered once, in order; what the proxy refuses is answered by the proxy, and the connection ends there;
 *   <li>the connection ends, and nothing is left of it.
 * </ul>
 *
 * <p>Input: a byte of flags, a byte for the cuts, then the client's bytes.
 */
public final class RequestFuzz {
    private static final int HALF_CLOSES = 1;
    private static final int SPEAKS_HTTPS = 2;
    private static final int SITE_ANSWERS_LATE = 4;

    /** What the proxy leaves out or writes anew; the last ones belong to clients of HTTP/1. */
    private static final Set<String> NOT_COMPARED = Set.of(
            "host",
            "connection",
            "keep-alive",
            "proxy-connection",
            "te",
            "trailer",
            "upgrade",
            "proxy",
            "expect",
            "transfer-encoding",
            "content-length",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-real-ip",
            "x-held-ms");

    /** RFC 9112 section 7.1.1, with what the proxy takes. */
    private static final Pattern EXTENSION = Pattern.compile("(?<=\r\n)([0-9A-Fa-f]{1,12});[\\t\\x20-\\x7e]*\r\n");

    private static @Nullable HandBench bench;
    private static int runs;

    private RequestFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 3) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(data, 2, data.length);
        HandBench on = bench();
        long buffers = HandBench.buffers();
        boolean halfCloses = (data[0] & HALF_CLOSES) != 0;
        Course cut = new Course(on, Cuts.of(bytes, data[1]), data[0]);
        NettyReading netty = new NettyReading(bytes);
        if (netty.refuses && cut.asked.size() > netty.requests.size()) {
            // Netty reads chunk extensions more strictly, which go no further than to the proxy.
            netty = new NettyReading(withoutExtensions(bytes));
        }
        cut.check(netty, halfCloses);
        if (!halfCloses) {
            Course whole = new Course(on, List.of(bytes), data[0]);
            if (!Cuts.undated(whole.shown()).equals(Cuts.undated(cut.shown()))) {
                throw new AssertionError("in pieces:\n" + cut.shown() + "\nwhole:\n" + whole.shown());
            }
        }
        if (HandBench.countsBuffers() && HandBench.buffers() != buffers) {
            throw new AssertionError("buffers are left: " + (HandBench.buffers() - buffers));
        }
    }

    private static byte[] withoutExtensions(byte[] bytes) {
        return EXTENSION
                .matcher(PlainHttp.text(bytes, 0, bytes.length))
                .replaceAll("$1\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A new one now and then, lest what belongs to all connections grows for ever. */
    static HandBench bench() {
        HandBench is = bench;
        if (is == null || ++runs % 5000 == 0) {
            if (is != null) {
                is.close();
            }
            is = new HandBench();
            bench = is;
        }
        return is;
    }

    /** The connection between client and site from begin to end. */
    private static final class Course {
        private final List<PlainHttp.Request> asked = new ArrayList<>();
        private final List<PlainHttp.Answer> answers;
        private final boolean late;
        private final String client;
        private final List<Runnable> owed = new ArrayList<>();

        Course(HandBench bench, List<byte[]> pieces, int flags) {
            client = pieces.stream()
                    .map(piece -> PlainHttp.text(piece, 0, piece.length))
                    .collect(java.util.stream.Collectors.joining());
            late = (flags & SITE_ANSWERS_LATE) != 0;
            boolean halfCloses = (flags & HALF_CLOSES) != 0;
            bench.site(this::read);
            HandBench.End end = bench.client(
                    (flags & SPEAKS_HTTPS) != 0 ? HandBench.Wanted.HTTP1_TLS : HandBench.Wanted.HTTP1, halfCloses);
            for (byte[] piece : pieces) {
                end.send(piece);
                bench.turn();
            }
            if (halfCloses) {
                bench.halfClose(end);
            }
            while (!owed.isEmpty()) {
                owed.remove(0).run();
                bench.turn();
            }
            bench.end(end);
            for (HandBench.SiteConnection connection : bench.asked()) {
                if (connection.got().length != connection.parsed) {
                    throw new AssertionError("half a request went to the site");
                }
            }
            answers =
                    PlainHttp.answers(
                                    end.got(),
                                    i -> i < asked.size()
                                            && asked.get(i).method().equals("HEAD"))
                            .stream()
                            .filter(answer -> answer.status() >= 200)
                            .toList();
        }

        private void read(HandBench.SiteConnection connection, byte[] bytes) {
            List<PlainHttp.Request> more = new ArrayList<>();
            connection.parsed = PlainHttp.requests(connection.got(), connection.parsed, more);
            for (PlainHttp.Request request : more) {
                String body = request.method().equals("HEAD") ? "" : "ok";
                String answer = "HTTP/1.1 200 OK\r\nX-Nth: " + asked.size() + "\r\nContent-Length: 2\r\n\r\n" + body;
                asked.add(request);
                Runnable go = () -> connection.send(answer.getBytes(StandardCharsets.ISO_8859_1));
                if (late) {
                    owed.add(go);
                } else {
                    go.run();
                }
            }
        }

        void check(NettyReading netty, boolean halfCloses) {
            List<PlainHttp.Answer> fromSite =
                    answers.stream().filter(a -> a.value("x-nth") != null).toList();
            int made = answers.size() - fromSite.size();
            check(made <= 1, "more than one answer of the proxy's own");
            check(
                    made == 0 || answers.get(answers.size() - 1).value("x-nth") == null,
                    "something follows the answer of the proxy's own");
            check(
                    fromSite.stream()
                            .map(a -> a.value("x-nth"))
                            .toList()
                            .equals(IntStream.range(0, fromSite.size())
                                    .mapToObj(Integer::toString)
                                    .toList()),
                    "answers out of order");
            check(halfCloses || fromSite.size() == asked.size(), "a request without its answer");
            check(answers.stream().allMatch(a -> a.whole() || refusesHead(a)), "half an answer");
            check(asked.size() <= netty.requests.size(), "more requests at the site than Netty reads");
            for (int i = 0; i < asked.size(); i++) {
                same(asked.get(i), netty.requests.get(i));
                check(i == asked.size() - 1 || !netty.last.get(i), "a request behind the last one");
            }
            if (made == 0 && !halfCloses) {
                int whole = netty.last.indexOf(true) < 0 ? netty.requests.size() : netty.last.indexOf(true) + 1;
                check(asked.size() == whole, "a request is neither passed on nor refused");
            }
        }

        /** What is refused to a HEAD has no body; where its method could be read, that is. */
        private boolean refusesHead(PlainHttp.Answer answer) {
            return client.contains("HEAD ") && answer.status() >= 400 && answer.body().length == 0;
        }

        private void same(PlainHttp.Request got, PlainHttp.Request read) {
            check(got.method().equals(read.method()), "another method: " + read.shown());
            String target = read.target();
            int authority = target.startsWith("/") || target.equals("*") ? -1 : target.indexOf("://");
            String path = authority < 0 ? target : target.substring(target.indexOf('/', authority + 3));
            check(got.target().equals(path), "another target: " + read.shown());
            check(Arrays.equals(got.body(), read.body()), "another body: " + read.shown());
            String host = authority < 0
                    ? read.values("host").get(0)
                    : target.substring(authority + 3, target.indexOf('/', authority + 3));
            check(got.values("host").equals(List.of(host)), "another host: " + read.shown());
            check(Objects.equals(endToEnd(got, read), endToEnd(read, read)), "other headers: " + read.shown());
        }

        /** Without those that are for the connection; a blank parts the names of those as well as a comma. */
        private static List<PlainHttp.Field> endToEnd(PlainHttp.Request of, PlainHttp.Request client) {
            List<String> named = client.values("connection").stream()
                    .flatMap(value -> Arrays.stream(value.split("[, \\t]", -1)))
                    .map(name -> name.strip().toLowerCase(Locale.ROOT))
                    .toList();
            return of.fields().stream()
                    .filter(field -> {
                        String name = field.name().toLowerCase(Locale.ROOT);
                        return !NOT_COMPARED.contains(name.replace('_', '-')) && !named.contains(name);
                    })
                    .toList();
        }

        String shown() {
            StringBuilder all = new StringBuilder();
            asked.forEach(request -> all.append(request.shown()).append('\n'));
            answers.forEach(answer -> all.append(answer.shown()).append('\n'));
            return all.toString();
        }

        private void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new AssertionError(otherwise + "\n" + shown());
            }
        }
    }
}
