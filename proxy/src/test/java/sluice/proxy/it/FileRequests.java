package sluice.proxy.it;

import java.util.ArrayList;
import java.util.List;

/** Requests for what is in the public folder, and for what is not. */
final class FileRequests {
    /** An ETag of a file of this folder, whose last change is always the same. */
    private static final String ROBOTS_TAG = "\"695735a5-3b\"";

    private static final String CHANGED = "Fri, 02 Jan 2026 03:04:05 GMT";
    private static final String BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT";
    private static final String AFTER = "Fri, 02 Jan 2026 03:04:06 GMT";

    private FileRequests() {}

    /** In short, as {@link Try#both} takes them. */
    static List<String> all() {
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
        // Other methods.
        for (String method : List.of("OPTIONS", "DELETE", "POST", "PUT")) {
            all.add(method + " /robots.txt");
            all.add(method + " /packs/app.js");
            all.add(method + " /system/media/original/small.mp4");
        }
        all.add("GET /system/media/original/missing.mp4");
        all.add("HEAD /system/media/original/missing.mp4");
        all.add("GET /system/only/new.mp4");
        return List.copyOf(all);
    }
}
