package sluice.proxy.it;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One HTTP/1 connection from an address of its own, and what was seen on it: a line for the status and for each field of each answer,
 * for the body, and for how the connection ended. Bytes are characters.
 */
final class Talk implements AutoCloseable {
    /** Longer than anything that a server waits for in these tests. */
    private static final int PATIENCE_MILLIS = 20_000;

    private static final int LONGEST_SHOWN = 80;

    private final Socket socket;
    private final InputStream in;
    private final Map<String, String> seen = new TreeMap<>();
    private int answers;
    private boolean closes;

    /** @param trusted null for plain text */
    Talk(String from, int port, SSLContext trusted) throws IOException {
        Socket plain = connect(from, port);
        socket = trusted == null ? plain : secured(plain, trusted, "http/1.1");
        in = new BufferedInputStream(socket.getInputStream());
    }

    static Socket connect(String from, int port) throws IOException {
        Socket plain = new Socket();
        plain.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
        plain.setSoTimeout(PATIENCE_MILLIS);
        plain.setTcpNoDelay(true);
        return plain;
    }

    /** With the site's name asked for. */
    static SSLSocket secured(Socket plain, SSLContext trusted, String protocol) throws IOException {
        SSLSocket secured = (SSLSocket) trusted.getSocketFactory().createSocket(plain, "example.social", 443, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("example.social")));
        parameters.setApplicationProtocols(new String[] {protocol});
        secured.setSSLParameters(parameters);
        return secured;
    }

    /** What was seen so far. */
    Map<String, String> seen() {
        return seen;
    }

    /** Whether the last answer said that the connection ends with it. */
    boolean closes() {
        return closes;
    }

    Talk send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** Nothing more will be sent; in plain text only. */
    Talk sendNoMore() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Reads one answer and those of 1xx before it; {@code toHead} when it has no body whatever it says. */
    Talk answer(boolean toHead) throws IOException {
        String number = answers++ == 0 ? "" : " (" + answers + ")";
        String first = RecordingSite.line(in);
        int interim = 0;
        while (first.matches("HTTP/1\\.1 1(?!01).*")) {
            interim++;
            String fields = "";
            for (String line = RecordingSite.line(in); !line.isEmpty(); line = RecordingSite.line(in)) {
                fields += "; " + line;
            }
            put("interim " + interim + number, first + fields);
            first = RecordingSite.line(in);
        }
        String[] words = first.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/")) {
            put("status" + number, "none, but " + shown(first));
            closes = true;
            return this;
        }
        put("version" + number, words[0]);
        put("status" + number, words[1]);
        put("reason" + number, words.length < 3 ? "none" : words[2]);
        Map<String, String> fields = new TreeMap<>();
        for (String line = RecordingSite.line(in); !line.isEmpty(); line = RecordingSite.line(in)) {
            int colon = line.indexOf(':');
            fields.merge(
                    line.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip(),
                    (a, b) -> a + " & " + b);
        }
        closes = "close".equalsIgnoreCase(fields.get("connection"));
        body(number, words[1], toHead, fields);
        return this;
    }

    private void body(String number, String status, boolean toHead, Map<String, String> fields) throws IOException {
        byte[] body = new byte[0];
        String end = "";
        try {
            if (!toHead && !status.matches("101|204|304")) {
                ByteArrayOutputStream read = new ByteArrayOutputStream();
                try {
                    read(fields, read);
                } finally {
                    body = read.toByteArray();
                }
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // How it ends early, by a close or a reset, depends on what the kernel has sent already.
            end = ", cut off";
            closes = true;
        }
        answer(seen, number, fields, body, end);
    }

    private void read(Map<String, String> fields, ByteArrayOutputStream body) throws IOException {
        if (fields.getOrDefault("transfer-encoding", "").equals("chunked")) {
            while (true) {
                int size = Integer.parseInt(RecordingSite.line(in).replaceFirst(";.*", ""), 16);
                part(size, body);
                if (size == 0) {
                    for (String line = RecordingSite.line(in); !line.isEmpty(); line = RecordingSite.line(in)) {
                        seen.merge("trailers", line, (a, b) -> a + " & " + b);
                    }
                    return;
                }
                if (!RecordingSite.line(in).isEmpty()) {
                    throw new IOException("no end of a chunk");
                }
            }
        }
        if (fields.containsKey("content-length")) {
            part(Integer.parseInt(fields.get("content-length")), body);
            return;
        }
        closes = true;
        for (int b = in.read(); b >= 0; b = in.read()) {
            body.write(b);
        }
    }

    private void part(int size, ByteArrayOutputStream body) throws IOException {
        for (int i = 0; i < size; i++) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("in a body");
            }
            body.write(b);
        }
    }

    /** Writes down fields and body, made comparable: what is random is left out, what is compressed is unpacked. */
    static void answer(Map<String, String> seen, String number, Map<String, String> fields, byte[] body, String end)
            throws IOException {
        Map<String, String> kept = new TreeMap<>(fields);
        kept.computeIfPresent("date", (name, date) -> date.endsWith(" 2026 03:04:05 GMT") ? "the site's" : "set");
        kept.computeIfPresent(
                "vary",
                (name, vary) -> Stream.of(vary.split(" & |, *", -1)).sorted().collect(Collectors.joining(", ")));
        byte[] plain = body;
        if ("gzip".equals(kept.get("content-encoding")) && body.length > 0 && !kept.containsKey("content-range")) {
            plain = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        String text = RecordingSite.text(plain);
        String type = kept.getOrDefault("content-type", "");
        if (type.startsWith("multipart/byteranges; boundary=")) {
            text = text.replace(type.substring(type.indexOf('=') + 1), "BOUNDARY");
            kept.put("content-type", "multipart/byteranges; boundary=BOUNDARY");
            kept.remove("content-length");
        }
        String page = page(kept, text);
        if (!page.isEmpty()) {
            // Everybody has pages of his own; what they are like is all that is compared.
            seen.put("page" + number, page);
            kept.keySet().removeAll(Set.of("content-type", "content-length", "cache-control", "etag", "vary"));
        } else {
            seen.put("body" + number, shown(text) + end);
        }
        kept.forEach((name, value) -> seen.put("field " + name + number, value));
    }

    /** Which of the servers' pages this is, or an empty text when the site made it. */
    private static String page(Map<String, String> fields, String text) {
        String type = fields.getOrDefault("content-type", "");
        if (text.startsWith("<html>\r\n<head><title>")) {
            return "nginx's";
        }
        if (text.contains("<body>Something went wrong. Something") && !fields.containsKey("last-modified")) {
            return "500.html";
        }
        boolean own = "no-store".equals(fields.get("cache-control"));
        if (own && text.startsWith("{\"error\":\"")) {
            return "JSON: " + shown(text.substring(10, text.length() - 2));
        }
        if (own && type.startsWith("text/plain") && text.matches("(?s)\\d{3} [A-Z].*")) {
            return "text: " + shown(text.substring(text.indexOf('\n') + 1));
        }
        if (own && text.startsWith("<!DOCTYPE html>\n<html lang=")) {
            return "HTML";
        }
        return fields.containsKey("location") && text.isEmpty() && "0".equals(fields.get("content-length"))
                ? "none"
                : "";
    }

    /** Whole when it is short, else its size and a number that stands for it. */
    static String shown(String text) {
        return text.length() > LONGEST_SHOWN
                ? text.length() + " bytes, " + Integer.toHexString(text.hashCode())
                : text.replaceAll("[\r\n]+", "~").strip();
    }

    /** Reads answers until the connection ends. */
    Talk answersToTheEnd() throws IOException {
        while (!closes) {
            in.mark(1);
            int next = in.read();
            if (next < 0) {
                put("end", "closed after " + answers + " answers");
                return this;
            }
            in.reset();
            answer(false);
        }
        end();
        put("end", "closed after " + answers + " answers");
        return this;
    }

    /** So many bytes as they come: frames. */
    Talk bytes(int count) throws IOException {
        byte[] read = in.readNBytes(count);
        put(
                "bytes",
                RecordingSite.text(read).chars().mapToObj(Integer::toHexString).collect(Collectors.joining(" ")));
        return this;
    }

    /** Reads one line, and the fields behind it, that say to go on. */
    Talk interim() throws IOException {
        put("asked to go on", RecordingSite.line(in));
        while (!RecordingSite.line(in).isEmpty()) {}
        return this;
    }

    /** Waits for the end of what is no HTTP any more. */
    Talk ended() throws IOException {
        put("end", ends() ? "closed" : "more came");
        return this;
    }

    /** Says whether the connection is kept: what the last answer said has to be true. */
    Talk end() throws IOException {
        if (closes && !ends()) {
            put("end", "more came behind an answer that said close");
        } else {
            put("end", closes ? "closed" : "kept");
        }
        return this;
    }

    private boolean ends() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException reset) {
            return true;
        }
    }

    void put(String what, String value) {
        seen.put(what, value);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
