package sluice.proxy.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** A public folder as a Mastodon has it, with files of every kind in it, and something beside it that is not public. */
public final class PublicFolder {
    private static final Instant CHANGED = Instant.parse("2026-01-02T03:04:05.678Z");

    public final Path root;
    final Path outside;
    public final Path media;

    public PublicFolder(Path directory) throws IOException {
        root = Files.createDirectories(directory.resolve("public"));
        outside = Files.createDirectories(directory.resolve("outside"));
        media = Files.createDirectories(directory.resolve("media"));
        text("robots.txt", "User-agent: *\nDisallow: /media_proxy/\nDisallow: /interact/\n");
        text("tiny.txt", "tiny\n");
        text("empty.txt", "");
        text("500.html", "<!doctype html><html><body>" + "Something went wrong. ".repeat(40) + "</body></html>");
        text("sw.js", "self.addEventListener('push', () => {});\n".repeat(30));
        text("sw.js.map", "{\"version\":3}");
        text("embed.js", "(function () { 'use strict'; })();\n".repeat(20));
        bytes("favicon.ico", 1150);
        text(".env", "SECRET=1\n");
        text(".well-known/hello.txt", "A file that somebody wanted to be well known.\n");
        text("packs/app.js", "export default function () { return 42; }\n".repeat(400));
        zip("packs/app.js");
        bytes("packs/app.js.br", 900);
        text("packs/only.css", "body { color: #123456; }\n".repeat(100));
        zip("packs/only.css");
        text("packs/late.css", "a { color: #654321; }\n".repeat(100));
        bytes("packs/logo.png", 2000);
        bytes("packs/font.woff2", 70_000);
        bytes("packs/big.bin", 300_000);
        text("packs/with space.txt", "There is a space in the name of this file.\n");
        text("packs/deep/er/file.json", "{\"deep\": \"json that is longer than twenty bytes\"}");
        text("packs/.hidden.js", "hidden();\n");
        text(
                "emoji/1f600.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\">" + "<path d=\"M0 0\"/>".repeat(40) + "</svg>");
        bytes("avatars/original/missing.png", 300);
        bytes("headers/original/missing.png", 310);
        bytes("sounds/boop.mp3", 5000);
        bytes("sounds/boop.ogg", 5001);
        bytes("ocr/worker.wasm", 100_000);
        text("assets/doorkeeper.css", "html { margin: 0; padding: 0 }\n".repeat(10));
        text("shortcuts/home.html", "<p>Home, and more than twenty bytes of it.</p>");
        bytes("system/media/original/video.mp4", 200_000);
        bytes("system/media/original/small.mp4", 4000);
        bytes("system/media/original/nameless", 77);
        text("system/media/original/page.html", "<script>alert(1)</script> and some more text");
        Files.writeString(outside.resolve("secret.txt"), "This is not public at all.\n");
        text("packs/linked-to.js", "linked();\n".repeat(10));
        Files.createSymbolicLink(root.resolve("packs/link.js"), Path.of("linked-to.js"));
        Files.createSymbolicLink(root.resolve("packs/out.txt"), outside.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("packs/outside"), outside);
        Files.createSymbolicLink(root.resolve("packs/broken.js"), Path.of("nowhere.js"));
        Files.write(media.resolve("moved.mp4"), random(3000));
        changed(media.resolve("moved.mp4"));
        Files.createSymbolicLink(root.resolve("system/elsewhere"), media);
    }

    static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    public void text(String name, String content) throws IOException {
        write(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(String name, int size) throws IOException {
        write(name, random(size));
    }

    private void zip(String name) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(Files.readAllBytes(root.resolve(name)));
        }
        write(name + ".gz", out.toByteArray());
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        changed(file);
    }

    private static void changed(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(CHANGED));
    }
}
