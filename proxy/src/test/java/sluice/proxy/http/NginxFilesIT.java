package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;

/** The same requests for files to a real nginx and to the proxy, over the same folder: answers differ only as the list says. */
@Timeout(300)
class NginxFilesIT {
    /** An ETag of a file of this folder, whose last change is always the same. */
    private static final String ROBOTS_TAG = "\"695735a5-3b\"";

    private static final String CHANGED = "Fri, 02 Jan 2026 03:04:05 GMT";
    private static final String BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT";
    private static final String AFTER = "Fri, 02 Jan 2026 03:04:06 GMT";

    /** Of all header fields, what is about the answer and not about the server or the connection. */
    private static final Set<String> IGNORED =
            Set.of("date", "server", "connection", "keep-alive", "transfer-encoding");

    @TempDir
    Path directory;

    /**
     * How two answers differ: in their status, else in each field, else not at all. Numbers and texts that only one of them has are not
     * shown.
     */
    private static List<String> differences(Map<String, String> nginx, Map<String, String> here) {
        if (!nginx.get("status").equals(here.get("status"))) {
            return List.of("status: " + nginx.get("status") + " -> " + here.get("status"));
        }
        Set<String> fields = new TreeSet<>(nginx.keySet());
        fields.addAll(here.keySet());
        return fields.stream()
                .filter(field -> !Objects.equals(nginx.get(field), here.get(field)))
                .map(field -> field + ": "
                        + (!here.containsKey(field)
                                ? "set -> none"
                                : nginx.containsKey(field) ? "another" : "none -> set"))
                .toList();
    }

    private static Map<String, List<String>> meant() throws IOException {
        Map<String, List<String>> meant = new TreeMap<>();
        try (InputStream in = NginxFilesIT.class.getResourceAsStream("nginx-files-differences.txt")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" => ", -1))
                    .forEach(parts -> meant.put(parts[0], List.of(parts[1].split("; ", -1))));
        }
        return meant;
    }

    private static final List<String> REQUESTS = requests();

    private static List<String> requests() {
        List<String> all = new ArrayList<>();
        for (String path : List.of(
                "/robots.txt",
                "/tiny.txt",
                "/empty.txt",
                "/500.html",
                "/sw.js",
                "/sw.js.map",
                "/embed.js",
                "/favicon.ico",
                "/.well-known/hello.txt",
                "/packs/app.js",
                "/packs/only.css",
                "/packs/late.css",
                "/packs/logo.png",
                "/packs/font.woff2",
                "/packs/big.bin",
                "/packs/with%20space.txt",
                "/packs/deep/er/file.json",
                "/packs/app.js.gz",
                "/emoji/1f600.svg",
                "/avatars/original/missing.png",
                "/headers/original/missing.png",
                "/sounds/boop.mp3",
                "/sounds/boop.ogg",
                "/ocr/worker.wasm",
                "/assets/doorkeeper.css",
                "/shortcuts/home.html",
                "/system/media/original/video.mp4",
                "/system/media/original/nameless",
                "/system/media/original/page.html",
                "/packs/link.js",
                "/system/elsewhere/moved.mp4")) {
            all.add("GET " + path);
        }
        for (String path : List.of(
                "/robots.txt",
                "/packs/app.js",
                "/packs/big.bin",
                "/empty.txt",
                "/system/media/original/small.mp4",
                "/packs/missing.js")) {
            all.add("HEAD " + path);
        }
        // Names that are no files, or are written in another way.
        for (String path : List.of(
                "/",
                "/about",
                "/users/alice",
                "/packs",
                "/packs/",
                "/packs/deep",
                "/packs/deep/",
                "/packs/missing.js",
                "/packs/app.js/",
                "/packs/app.js/x",
                "/robots.txt/",
                "/robots.txt?x=1",
                "/packs/app.js?body=1",
                "/%72obots.txt",
                "/packs%2Fapp.js",
                "/packs//app.js",
                "//packs/app.js",
                "/packs/./app.js",
                "/packs/deep/../app.js",
                "/packs/deep/%2e%2e/app.js",
                "/packs/../robots.txt",
                "/avatars/",
                "/emoji/none.svg",
                "/packs/broken.js",
                "/packs/%2e%2e%2f%2e%2e%2foutside/secret.txt",
                "/packs/..%2f..%2f..%2foutside/secret.txt",
                "/packs/app.js%20",
                "/packs/APP.JS",
                "/packs/%252e%252e/robots.txt",
                "/Robots.txt",
                "/packs/out.txt",
                "/packs/outside/secret.txt",
                "/.env",
                "/packs/.hidden.js",
                "/packs/%00",
                "/packs/app.js%00.png",
                "/packs/a\\b")) {
            all.add("GET " + path);
        }
        // Codings.
        for (String accept : List.of(
                "gzip",
                "gzip, deflate, br",
                "br",
                "gzip;q=0",
                "gzip;q=0.1",
                "identity",
                "*",
                "deflate",
                "gzip;q=1.0, identity; q=0.5",
                "GZIP")) {
            all.add("GET /packs/app.js|Accept-Encoding: " + accept);
        }
        for (String path : List.of(
                "/packs/only.css",
                "/packs/late.css",
                "/packs/logo.png",
                "/robots.txt",
                "/tiny.txt",
                "/emoji/1f600.svg",
                "/favicon.ico",
                "/500.html",
                "/packs/deep/er/file.json",
                "/system/media/original/page.html",
                "/packs/missing.js")) {
            all.add("GET " + path + "|Accept-Encoding: gzip");
        }
        all.add("HEAD /packs/app.js|Accept-Encoding: gzip");
        all.add("HEAD /packs/late.css|Accept-Encoding: gzip");
        all.add("GET /packs/app.js|Accept-Encoding: gzip|Range: bytes=0-9");
        all.add("GET /packs/late.css|Accept-Encoding: gzip|Range: bytes=0-9");
        all.add("GET /packs/app.js|Accept-Encoding: gzip|HTTP/1.0");
        all.add("GET /robots.txt|HTTP/1.0");
        all.add("GET /robots.txt|HTTP/1.0|Connection: keep-alive");
        all.add("GET /robots.txt|Connection: close");
        // Conditions.
        for (String condition : List.of(
                "If-None-Match: " + ROBOTS_TAG,
                "If-None-Match: W/" + ROBOTS_TAG,
                "If-None-Match: \"x\", " + ROBOTS_TAG,
                "If-None-Match: *",
                "If-None-Match: \"x\"",
                "If-Modified-Since: " + CHANGED,
                "If-Modified-Since: " + AFTER,
                "If-Modified-Since: " + BEFORE,
                "If-Modified-Since: yesterday",
                "If-Match: " + ROBOTS_TAG,
                "If-Match: *",
                "If-Match: \"x\"",
                "If-Match: W/" + ROBOTS_TAG,
                "If-Unmodified-Since: " + CHANGED,
                "If-Unmodified-Since: " + BEFORE,
                "If-Unmodified-Since: " + AFTER,
                "If-Unmodified-Since: yesterday",
                "If-None-Match: " + ROBOTS_TAG + "|If-Modified-Since: " + BEFORE,
                "If-None-Match: \"x\"|If-Modified-Since: " + CHANGED,
                "If-Match: " + ROBOTS_TAG + "|If-Unmodified-Since: " + BEFORE,
                "If-Match: " + ROBOTS_TAG + "|If-None-Match: " + ROBOTS_TAG)) {
            all.add("GET /robots.txt|" + condition);
        }
        all.add("HEAD /robots.txt|If-None-Match: " + ROBOTS_TAG);
        all.add("GET /packs/app.js|Accept-Encoding: gzip|If-Modified-Since: " + CHANGED);
        // Ranges.
        for (String range : List.of(
                "bytes=0-0",
                "bytes=0-99",
                "bytes=100-",
                "bytes=-100",
                "bytes=-0",
                "bytes=4000-",
                "bytes=3999-3999",
                "bytes=3999-9999",
                "bytes=5-2",
                "bytes=x",
                "bytes=",
                "lines=1-2",
                "bytes=0-9,20-29",
                "bytes=0-9, 3990-",
                "bytes=0-3999,0-0",
                "bytes=0-9,5000-6000",
                "bytes=5000-,6000-",
                "BYTES=0-9")) {
            all.add("GET /system/media/original/small.mp4|Range: " + range);
        }
        for (String range : List.of("bytes=0-1", "bytes=199990-", "bytes=65530-140000", "bytes=10-19,190000-190009")) {
            all.add("GET /system/media/original/video.mp4|Range: " + range);
        }
        all.add("HEAD /system/media/original/small.mp4|Range: bytes=0-9");
        all.add("GET /empty.txt|Range: bytes=0-");
        all.add("GET /robots.txt|Range: bytes=0-9|If-Range: " + ROBOTS_TAG);
        all.add("GET /robots.txt|Range: bytes=0-9|If-Range: \"x\"");
        all.add("GET /robots.txt|Range: bytes=0-9|If-Range: " + CHANGED);
        all.add("GET /robots.txt|Range: bytes=0-9|If-Range: " + BEFORE);
        all.add("GET /robots.txt|Range: bytes=0-9|If-None-Match: " + ROBOTS_TAG);
        // What the site makes: Mastodon's nginx compresses some of it.
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
                "empty")) {
            all.add("GET /site/" + answer);
            all.add("GET /site/" + answer + "|Accept-Encoding: gzip, deflate, br, zstd");
        }
        all.add("HEAD /site/html|Accept-Encoding: gzip");
        all.add("GET /site/html|Accept-Encoding: gzip|HTTP/1.0");
        all.add("GET /site/chunked|Accept-Encoding: gzip|HTTP/1.0");
        all.add("GET /site/html|Accept-Encoding: gzip|Via: 1.1 somebody");
        // Other methods.
        all.add("OPTIONS /robots.txt");
        all.add("DELETE /packs/app.js");
        return List.copyOf(all);
    }

    @Test
    void answersAsNginxDoes() throws Exception {
        assumeTrue(Nginx.installed(), "nginx is not installed");
        PublicFolder folder = new PublicFolder(directory);
        try (LittleSite site = new LittleSite(NginxFilesIT::site);
                Nginx nginx = new Nginx(directory.resolve("nginx"), folder.root, site.port());
                PublicFiles files = files(folder);
                Bench bench = BenchPlan.of(directory.resolve("bench"), site, site)
                        .with(files)
                        .overTls()
                        .open()) {
            Map<String, List<String>> differences = new TreeMap<>();
            for (String request : REQUESTS) {
                List<String> of = differences(answer(nginx.port(), request), answer(bench.port(), request));
                if (!of.isEmpty()) {
                    differences.put(request, of);
                }
            }
            assertThat(REQUESTS).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();
            assertThat(shown(differences)).isEqualTo(shown(meant()));
        }
    }

    private static String shown(Map<String, List<String>> differences) {
        StringBuilder shown = new StringBuilder();
        differences.forEach((request, of) -> shown.append(request)
                .append(" => ")
                .append(String.join("; ", of))
                .append("\n"));
        return shown.toString();
    }

    private static PublicFiles files(PublicFolder folder) {
        ProxyConfig.Files config = new ProxyConfig.Files(
                List.of(folder.media), "old", 1 << 20, ProxyConfig.Files.MASTODON_HSTS, null, true);
        return new PublicFiles(folder.root, ProxyConfig.Preset.MASTODON, config, System::nanoTime, Clock.systemUTC());
    }

    private static void site(LittleSite.Request request, LittleSite.Connection c) throws IOException {
        String path = request.line().split(" ", -1)[1];
        boolean head = request.line().startsWith("HEAD ");
        String name = path.startsWith("/site/") ? path.substring(6) : path.contains("/system/") ? "missing" : "plain";
        String text = "Text of which there is enough for a compressor to have some use. ".repeat(30);
        switch (name) {
            case "plain" -> send(c, "200 OK", "Content-Type: text/x-site", "site", head);
            case "missing" -> send(c, "404 Not Found", "Content-Type: text/x-site", "site", head);
            case "html" -> send(c, "200 OK", "Content-Type: text/html; charset=utf-8", text, head);
            case "json" -> send(c, "200 OK", "Content-Type: application/json; charset=utf-8", text, head);
            case "upper" -> send(c, "200 OK", "Content-Type: Application/JSON;charset=utf-8", text, head);
            case "activity" -> send(c, "200 OK", "Content-Type: application/activity+json; charset=utf-8", text, head);
            case "short" -> send(c, "200 OK", "Content-Type: text/html", "nineteen characters", head);
            case "empty" -> send(c, "200 OK", "Content-Type: text/html", "", head);
            case "coded" -> send(c, "200 OK", "Content-Type: text/html\r\nContent-Encoding: x-a", text, head);
            case "etag" -> send(c, "200 OK", "Content-Type: text/html\r\nETag: \"a\"", text, head);
            case "weak" -> send(c, "200 OK", "Content-Type: text/html\r\nETag: W/\"a\"", text, head);
            case "varies" -> send(c, "200 OK", "Content-Type: text/html\r\nVary: Accept, Cookie", text, head);
            case "partial" ->
                send(c, "206 Partial Content", "Content-Type: text/html\r\nContent-Range: bytes 0-9/99", text, head);
            case "ranges" -> send(c, "200 OK", "Content-Type: text/html\r\nAccept-Ranges: bytes", text, head);
            case "not-found" -> send(c, "404 Not Found", "Content-Type: text/html", text, head);
            case "forbidden" -> send(c, "403 Forbidden", "Content-Type: text/html", text, head);
            case "error" -> send(c, "500 Internal Server Error", "Content-Type: text/html", text, head);
            case "created" -> send(c, "201 Created", "Content-Type: text/html", text, head);
            case "chunked" -> {
                c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
                c.send("3\r\nend\r\n0\r\n\r\n");
            }
            case "until-close" -> {
                c.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + text);
                c.socket().close();
            }
            default -> throw new IOException("no such answer: " + name);
        }
    }

    private static void send(LittleSite.Connection c, String status, String fields, String body, boolean toHead)
            throws IOException {
        c.send("HTTP/1.1 " + status + "\r\n" + fields + "\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + (toHead ? "" : body));
    }

    /** Status, header fields by their name in lower case, and body. */
    private static Map<String, String> answer(int port, String request) throws IOException {
        String[] parts = request.split("\\|", -1);
        String version = "HTTP/1.1";
        StringBuilder fields = new StringBuilder();
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].startsWith("HTTP/")) {
                version = parts[i];
            } else {
                fields.append(parts[i]).append("\r\n");
            }
        }
        try (Wire client = new Wire(port)) {
            Wire.Answer answer = client.send(
                            parts[0] + " " + version + "\r\nHost: example.social\r\n" + fields + "\r\n")
                    .answer(parts[0].startsWith("HEAD "));
            Map<String, String> all = new TreeMap<>();
            all.put("status", String.valueOf(answer.status()));
            boolean error = answer.status() >= 400;
            boolean zipped = false;
            for (String line : answer.head().split("\r\n", -1)) {
                int colon = line.indexOf(':');
                String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
                // Pages for errors are everybody's own: their text, its type and length, that it is not to be kept.
                boolean own = error
                        && !parts[0].contains("/site/")
                        && ((name.startsWith("content-") && !name.equals("content-range"))
                                || name.equals("cache-control")
                                || name.equals("vary"));
                if (!name.isEmpty() && !IGNORED.contains(name) && !own) {
                    all.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
                    zipped |= line.equalsIgnoreCase("Content-Encoding: gzip");
                }
            }
            all.computeIfPresent(
                    "vary",
                    (name, vary) -> Stream.of(vary.split(", *", -1)).sorted().collect(Collectors.joining(", ")));
            if (!error || parts[0].contains("/site/")) {
                all.put("body", body(answer.body(), zipped, all));
            }
            return all;
        }
    }

    private static String body(byte[] body, boolean zipped, Map<String, String> fields) throws IOException {
        byte[] plain = body;
        if (zipped && body.length > 0 && !fields.containsKey("content-range")) {
            plain = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        String text = new String(plain, StandardCharsets.ISO_8859_1);
        String type = fields.getOrDefault("content-type", "");
        if (type.startsWith("multipart/byteranges; boundary=")) {
            text = text.replace(type.substring(type.indexOf('=') + 1), "BOUNDARY");
            fields.put("content-type", "multipart/byteranges; boundary=BOUNDARY");
        }
        return text.length() <= 60 ? text.replace("\r\n", "~") : text.length() + " bytes, " + text.hashCode();
    }
}
