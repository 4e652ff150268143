package sluice.proxy.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1.1 messages as a receiver that trusts nobody: what leaves the slightest doubt about its framing is an
 * {@link AssertionError}. Written from RFC 9112 for the fuzz tests, slow and plain; shares nothing with the proxy's parser.
 */
final class PlainHttp {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    private static final Pattern REQUEST_LINE = Pattern.compile("(" + TOKEN + ") ([^\\x00-\\x20\\x7f#]+) HTTP/1\\.1");
    private static final Pattern STATUS_LINE =
            Pattern.compile("HTTP/1\\.1 ([1-5][0-9][0-9]) [\\t\\x20-\\x7e\\x80-\\xff]*");
    private static final Pattern FIELD_LINE = Pattern.compile("(" + TOKEN
            + "): ((?:[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)?)");
    private static final Pattern TRAILER = Pattern.compile(
            "(?i)(?!(content-length|transfer-encoding|host|connection|trailer|te|cookie|set-cookie|authorization):)"
                    + "[!#$%&'*+.^_`|~0-9a-z-]+:[^\\r\\n\\x00]*");
    private static final Pattern CHUNK_SIZE = Pattern.compile("([0-9A-Fa-f]{1,12})(?:;[\\t\\x20-\\x7e\\x80-\\xff]*)?");
    private static final List<String> SET_BY_THE_PROXY =
            List.of("x-forwarded-for", "x-forwarded-proto", "x-real-ip", "x-held-ms", "proxy");

    private PlainHttp() {}

    record Field(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by shown()
    record Request(String method, String target, List<Field> fields, byte[] body) {
        List<String> values(String name) {
            return PlainHttp.values(fields, name);
        }

        String shown() {
            return method + " " + target + " " + fields + " " + new String(body, StandardCharsets.ISO_8859_1);
        }
    }

    /** @param whole false when the connection ended before its body did */
    @SuppressWarnings("ArrayRecordComponent") // compared by shown()
    record Answer(int status, List<Field> fields, byte[] body, boolean whole) {
        List<String> values(String name) {
            return PlainHttp.values(fields, name);
        }

        @Nullable
        String value(String name) {
            List<String> all = values(name);
            return all.isEmpty() ? null : all.get(0);
        }

        String shown() {
            return status + " " + fields + " " + new String(body, StandardCharsets.ISO_8859_1) + (whole ? "" : " …");
        }
    }

    private static List<String> values(List<Field> fields, String name) {
        return fields.stream().filter(field -> field.is(name)).map(Field::value).toList();
    }

    /** Reads the whole requests among these bytes, from an index on. Returns where the first one begins that is not whole. */
    static int requests(byte[] bytes, int from, List<Request> into) {
        int at = from;
        while (true) {
            int end = headEnd(bytes, at);
            if (end < 0) {
                return at;
            }
            List<String> lines = lines(bytes, at, end);
            Matcher line = REQUEST_LINE.matcher(lines.get(0));
            check(line.matches(), "a bad request line", lines);
            List<Field> fields = fields(lines);
            check(values(fields, "host").size() == 1, "not one Host", lines);
            check(values(fields, "x-forwarded-for").equals(List.of("127.0.0.1")), "not one X-Forwarded-For", lines);
            check(values(fields, "x-real-ip").equals(List.of("127.0.0.1")), "not one X-Real-IP", lines);
            check(values(fields, "x-forwarded-proto").size() == 1, "not one X-Forwarded-Proto", lines);
            check(values(fields, "proxy").isEmpty(), "Proxy is passed on", lines);
            for (Field field : fields) {
                String hyphens = field.name().replace('_', '-').toLowerCase(Locale.ROOT);
                check(
                        !SET_BY_THE_PROXY.contains(hyphens) || hyphens.equalsIgnoreCase(field.name()),
                        "a name that Rack takes for another",
                        lines);
            }
            int next;
            byte[] body;
            if (values(fields, "transfer-encoding").isEmpty()) {
                next = end + length(fields, lines, 0);
                body = Arrays.copyOfRange(bytes, end, Math.max(end, Math.min(next, bytes.length)));
            } else {
                // Only so can a request have trailers.
                check(values(fields, "transfer-encoding").equals(List.of("chunked")), "not just chunked", lines);
                check(values(fields, "content-length").isEmpty(), "two framings", lines);
                ByteArrayOutputStream chunks = new ByteArrayOutputStream();
                next = chunks(bytes, end, chunks);
                body = chunks.toByteArray();
            }
            if (next < 0 || next > bytes.length) {
                return at;
            }
            into.add(new Request(line.group(1), line.group(2), fields, body));
            at = next;
        }
    }

    /**
     * Reads the answers that a client got until its connection was closed.
     *
     * @param toHead whether the answer with this number, interim ones not counted, is to a HEAD
     */
    static List<Answer> answers(byte[] bytes, IntPredicate toHead) {
        List<Answer> all = new ArrayList<>();
        int at = 0;
        int finals = 0;
        while (at < bytes.length) {
            int end = headEnd(bytes, at);
            if (end < 0) {
                throw new AssertionError("half a head: " + text(bytes, at, bytes.length));
            }
            List<String> lines = lines(bytes, at, end);
            Matcher line = STATUS_LINE.matcher(lines.get(0));
            check(line.matches(), "a bad status line", lines);
            int status = Integer.parseInt(line.group(1));
            List<Field> fields = fields(lines);
            boolean interim = status < 200 && status != 101;
            List<String> coding = values(fields, "transfer-encoding");
            if (interim || status == 204 || status == 304 || toHead.test(finals)) {
                all.add(new Answer(status, fields, new byte[0], true));
                at = end;
            } else if (status == 101) {
                all.add(new Answer(status, fields, Arrays.copyOfRange(bytes, end, bytes.length), true));
                at = bytes.length;
            } else if (!coding.isEmpty()) {
                check(
                        coding.size() == 1 && coding.get(0).equalsIgnoreCase("chunked"),
                        "a bad Transfer-Encoding",
                        lines);
                check(values(fields, "content-length").isEmpty(), "two framings", lines);
                ByteArrayOutputStream body = new ByteArrayOutputStream();
                at = chunks(bytes, end, body);
                boolean whole = at >= 0;
                all.add(new Answer(status, fields, body.toByteArray(), whole));
                at = whole ? at : bytes.length;
            } else {
                boolean untilClose = values(fields, "content-length").isEmpty();
                int length = untilClose ? bytes.length - end : length(fields, lines, 0);
                int to = Math.min(bytes.length, end + length);
                all.add(new Answer(status, fields, Arrays.copyOfRange(bytes, end, to), to == end + length));
                at = to;
            }
            finals += interim ? 0 : 1;
        }
        return all;
    }

    /** RFC 9110 6.5.1: none that frames, routes or changes how the message is read. Returns where they end, or -1. */
    private static int trailers(byte[] bytes, int from) {
        int at = from;
        while (true) {
            int end = lineEnd(bytes, at);
            if (end < 0) {
                return -1;
            }
            String line = text(bytes, at, end);
            at = end + 2;
            if (line.isEmpty()) {
                return at;
            }
            check(TRAILER.matcher(line).matches(), "a bad trailer", List.of(line));
        }
    }

    /** Returns where the body ends, or -1 when it does not. */
    static int chunks(byte[] bytes, int from, ByteArrayOutputStream body) {
        int at = from;
        while (true) {
            int end = lineEnd(bytes, at);
            if (end < 0) {
                return -1;
            }
            Matcher size = CHUNK_SIZE.matcher(text(bytes, at, end));
            check(size.matches(), "a bad chunk size", List.of(text(bytes, at, end)));
            long n = Long.parseLong(size.group(1), 16);
            at = end + 2;
            if (n == 0) {
                return trailers(bytes, at);
            }
            body.write(bytes, at, (int) Math.min(n, bytes.length - at));
            if (bytes.length - at < n + 2) {
                return -1;
            }
            at += (int) n;
            check(bytes[at] == '\r' && bytes[at + 1] == '\n', "no CRLF behind a chunk", List.of());
            at += 2;
        }
    }

    private static int length(List<Field> fields, List<String> lines, int otherwise) {
        List<String> lengths = values(fields, "content-length");
        if (lengths.isEmpty()) {
            return otherwise;
        }
        check(lengths.size() == 1 && lengths.get(0).matches("[0-9]{1,9}"), "a doubtful Content-Length", lines);
        return Integer.parseInt(lengths.get(0));
    }

    private static List<Field> fields(List<String> lines) {
        List<Field> fields = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Matcher field = FIELD_LINE.matcher(line);
            check(field.matches(), "a bad header line", lines);
            fields.add(new Field(field.group(1), field.group(2)));
        }
        return fields;
    }

    /** Behind the first blank line. A line ends in CRLF; a CR or LF elsewhere stays in its line, where nothing takes it. */
    private static int headEnd(byte[] bytes, int from) {
        for (int i = from; i + 3 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    private static int lineEnd(byte[] bytes, int from) {
        for (int i = from; i + 1 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static List<String> lines(byte[] bytes, int from, int end) {
        return Stream.of(text(bytes, from, end - 4).split("\r\n", -1)).toList();
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static void check(boolean holds, String otherwise, List<String> lines) {
        if (!holds) {
            throw new AssertionError(otherwise + ": " + lines);
        }
    }
}
