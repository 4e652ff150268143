package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.route.Scope;

/** Files among the requests of a site, on real sockets and a real disk. */
@Timeout(60)
class FilesPathTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final LittleSite old = new LittleSite((request, c) -> answer(c, "200 OK", "old"));
    private final LittleSite next = new LittleSite((request, c) -> answer(c, "200 OK", "new"));
    /** What the files take for the time: their knowledge grows old when the test says so. */
    private final AtomicLong nanos = new AtomicLong();

    private PublicFolder folder;
    private PublicFiles files;
    private Bench bench;

    @BeforeEach
    void open() throws IOException {
        folder = new PublicFolder(directory);
        ProxyConfig.Files config = new ProxyConfig.Files(
                List.of(folder.media),
                "old",
                1 << 20,
                ProxyConfig.Files.MASTODON_HSTS,
                null,
                true,
                Duration.ofHours(24));
        files = new PublicFiles(folder.root, ProxyConfig.Preset.MASTODON, config, nanos::get, Clock.systemUTC());
        bench = BenchPlan.of(directory.resolve("bench"), old, next)
                .with(BenchPlan.limits(1 << 20, 64 << 10, LONG, LONG))
                .with(files)
                .open();
    }

    @AfterEach
    void close() throws IOException {
        old.close();
        next.close();
        bench.close();
        files.close();
    }

    private static void answer(LittleSite.Connection c, String status, String body) throws IOException {
        c.send("HTTP/1.1 " + status + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private static void await(BooleanSupplier such) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!such.getAsBoolean()) {
            assertThat(System.nanoTime() - end).isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    private void timePasses() {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    }

    @Test
    void filesOfAllSizesComeWholeOnOneConnection() throws IOException {
        try (Wire client = bench.client()) {
            for (int turn = 0; turn < 3; turn++) {
                for (String name :
                        List.of("robots.txt", "empty.txt", "packs/logo.png", "packs/font.woff2", "packs/big.bin")) {
                    Wire.Answer answer = client.get("/" + name);
                    assertThat(answer.status()).isEqualTo(200);
                    assertThat(answer.body()).isEqualTo(Files.readAllBytes(folder.root.resolve(name)));
                }
                assertThat(client.get("/about").text()).isEqualTo("old");
            }
        }
        assertThat(old.requests()).hasSize(3);
        assertThat(bench.onLoop(() -> bench.metrics.requests(2, 3, 2))).isEqualTo(15);
    }

    @Test
    void pipelinedFilesComeInTheirOrder() throws IOException {
        try (Wire client = bench.client()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                requests.append(i % 3 == 0 ? "GET /packs/big.bin" : i % 3 == 1 ? "GET /robots.txt" : "GET /about")
                        .append(" HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            client.send(requests.toString());
            byte[] big = PublicFolder.random(300_000);
            for (int i = 0; i < 20; i++) {
                Wire.Answer answer = client.answer();
                if (i % 3 == 0) {
                    assertThat(answer.body()).isEqualTo(big);
                } else {
                    assertThat(answer.text()).startsWith(i % 3 == 1 ? "User-agent" : "old");
                }
            }
        }
    }

    @Test
    void strictTransportSecurityIsNotSaidInPlainText() throws IOException {
        try (Wire client = bench.client()) {
            assertThat(client.get("/robots.txt").head()).doesNotContain("Strict-Transport");
        }
    }

    @Test
    void aRequestThatWritesNeverMeetsAFile() throws IOException {
        try (Wire client = bench.client()) {
            assertThat(client.post("/packs/app.js", "x").text()).isEqualTo("old");
            assertThat(client.post("/system/media/original/small.mp4", "x").text())
                    .isEqualTo("old");
        }
    }

    @Test
    void filesAreServedDuringAHoldOfEverything() throws IOException {
        bench.hold(Scope.ALL);
        try (Wire client = bench.client()) {
            assertThat(client.get("/robots.txt").status()).isEqualTo(200);
            assertThat(client.get("/packs/big.bin").body()).hasSize(300_000);
        }
        assertThat(bench.state().waiting()).isZero();
    }

    @Test
    void aClientThatDoesNotReadHoldsNothingInMemoryAndNobodyUp() throws IOException {
        Path huge = folder.root.resolve("packs/huge.bin");
        try (var out = Files.newOutputStream(huge)) {
            byte[] part = PublicFolder.random(1 << 20);
            for (int i = 0; i < 64; i++) {
                out.write(part);
            }
        }
        try (Wire slow = bench.client();
                Wire other = bench.client()) {
            slow.send("GET /packs/huge.bin HTTP/1.1\r\nHost: a\r\n\r\n");
            InputStream in = slow.in();
            assertThat(Wire.head(in)).contains("Content-Length: 67108864");
            for (int i = 0; i < 50; i++) {
                assertThat(other.get("/packs/big.bin").body()).hasSize(300_000);
            }
            // 64 MiB are in the file; the sockets' own buffers take some.
            assertThat(bench.onLoop(bench::outbound)).isLessThan(1 << 20);
            byte[] expected = PublicFolder.random(1 << 20);
            for (int i = 0; i < 64; i++) {
                assertThat(in.readNBytes(1 << 20)).isEqualTo(expected);
            }
            assertThat(slow.get("/robots.txt").status()).isEqualTo(200);
        }
    }

    @Test
    void aClientThatPipelinesAndDoesNotReadHoldsLittleInMemory() throws IOException {
        try (Wire client = bench.client()) {
            assertThat(client.get("/packs/logo.png").body()).hasSize(2000);
            String request = "GET /packs/logo.png HTTP/1.1\r\nHost: a\r\n\r\n";
            Thread sender = new Thread(() -> {
                try {
                    client.send(request.repeat(20_000));
                } catch (IOException e) {
                    // The test has ended.
                }
            });
            sender.setDaemon(true);
            sender.start();
            for (int i = 0; i < 100; i++) {
                assertThat(bench.onLoop(bench::outbound)).isLessThan(1 << 20);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            for (int i = 0; i < 20_000; i++) {
                assertThat(client.answer().body()).hasSize(2000);
            }
        }
    }

    @Test
    void aClientThatLeavesLeavesNoFileOpen() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (Wire client = bench.client()) {
                client.send("GET /system/media/original/video.mp4 HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
                Wire.head(client.in());
            }
        }
        await(() -> open("video.mp4") == 0);
        await(() -> bench.onLoop(() -> bench.path.connections().count()) == 0);
    }

    private static long open(String name) {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(descriptor -> {
                        try {
                            return Files.readSymbolicLink(descriptor).endsWith(name);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aChangedFileIsSeenWithinASecond() throws IOException {
        try (Wire client = bench.client()) {
            String before = client.get("/robots.txt").text();
            folder.text("new", "Another robots.txt of another length.\n");
            Files.move(
                    folder.root.resolve("new"), folder.root.resolve("robots.txt"), StandardCopyOption.REPLACE_EXISTING);
            assertThat(client.get("/robots.txt").text()).isEqualTo(before);
            timePasses();
            assertThat(client.get("/robots.txt").text()).isEqualTo("Another robots.txt of another length.\n");
            Files.delete(folder.root.resolve("robots.txt"));
            timePasses();
            assertThat(client.get("/robots.txt").text()).isEqualTo("old");
        }
    }

    @Test
    void aFileOfTheSameSizeAndSecondIsToldApart() throws IOException {
        try (Wire client = bench.client()) {
            folder.text("a.txt", "one\n");
            await(() -> text(client, "/a.txt").equals("one\n"));
            Path a = folder.root.resolve("a.txt");
            FileTime changed = Files.getLastModifiedTime(a);
            Files.writeString(a, "two\n");
            Files.setLastModifiedTime(a, FileTime.from(changed.toInstant().plusMillis(1)));
            timePasses();
            assertThat(client.get("/a.txt").text()).isEqualTo("two\n");
        }
    }

    @Test
    void aLargeFileThatShrinksEndsTheConnection() throws IOException {
        Path huge = folder.root.resolve("packs/huge.bin");
        Files.write(huge, new byte[32 << 20]);
        try (Wire client = bench.client()) {
            client.send("GET /packs/huge.bin HTTP/1.1\r\nHost: a\r\n\r\n");
            Wire.head(client.in());
            Files.write(huge, new byte[10], StandardOpenOption.TRUNCATE_EXISTING);
            assertThat(client.in().readAllBytes().length).isLessThan(32 << 20);
        }
    }

    @Test
    void aNewNameInTheRootIsFoundSoon() throws IOException {
        try (Wire client = bench.client()) {
            assertThat(client.get("/verification.html").text()).isEqualTo("old");
            folder.text("verification.html", "It is me.");
            Files.setLastModifiedTime(folder.root, FileTime.from(Instant.now()));
            await(() -> text(client, "/verification.html").equals("It is me."));
        }
    }

    private String text(Wire client, String path) {
        try {
            timePasses();
            return client.get(path).text();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
