package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.gate.GateState;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** Files that may be on either side, on real sockets and a real disk. */
@Timeout(60)
class OtherSideFilesTest {
    private static final Duration STAND_IN = Duration.ofHours(24);

    @TempDir
    Path directory;

    private final LittleSite old = new LittleSite((request, c) -> answer(c, "200 OK", "old"));
    private final LittleSite next = new LittleSite((request, c) -> answer(c, "200 OK", "new"));
    private PublicFolder folder;
    private PublicFiles files;
    private Bench bench;

    @BeforeEach
    void open() throws IOException {
        folder = new PublicFolder(directory);
        ProxyConfig.Files config = new ProxyConfig.Files(
                List.of(folder.media), "old", 1 << 20, ProxyConfig.Files.MASTODON_HSTS, null, true, STAND_IN);
        files = new PublicFiles(folder.root, ProxyConfig.Preset.MASTODON, config, System::nanoTime, Clock.systemUTC());
        bench = BenchPlan.of(directory.resolve("bench"), old, next).with(files).open();
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

    /** A site that has no file. */
    private static void hasNothing(LittleSite site, String page) {
        site.behave((request, c) -> answer(c, "404 Not Found", page));
    }

    @Test
    void uploadsThatAreNotHereAreLookedForOnBothSides() throws IOException {
        old.behave((request, c) -> answer(c, "404 Not Found", "not on old"));
        try (Wire client = bench.client()) {
            assertThat(client.get("/system/media/original/gone.mp4").text()).isEqualTo("new");
            assertThat(client.get("/system/media/original/small.mp4").body()).hasSize(4000);
            next.behave((request, c) -> answer(c, "404 Not Found", "not on new"));
            Wire.Answer nowhere = client.get("/system/media/original/gone.mp4");
            assertThat(nowhere.status()).isEqualTo(404);
            assertThat(nowhere.text()).isEqualTo("not on new");
            // What is not an upload is the active side's to know alone.
            assertThat(client.get("/users/nobody").text()).isEqualTo("not on old");
            assertThat(client.post("/system/x", "y").text()).isEqualTo("not on old");
        }
        assertThat(old.requests()).hasSize(4);
        assertThat(next.requests()).hasSize(2);
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void anUploadThatTheOtherSideCannotSayAnythingAboutIsNotThere() throws IOException {
        old.behave((request, c) -> c.send("HTTP/1.1 404 Not Found\r\n\r\n"));
        try (Wire client = bench.client()) {
            next.behave((request, c) -> answer(c, "502 Bad Gateway", "broken"));
            assertThat(client.get("/system/gone.mp4").status()).isEqualTo(404);
        }
        assertThat(next.requests()).hasSize(1);
        old.behave((request, c) -> answer(c, "404 Not Found", "not on old"));
        try (Wire client = bench.client()) {
            // For a while it is not even asked.
            assertThat(client.get("/system/gone.mp4").status()).isEqualTo(404);
        }
        assertThat(next.requests()).hasSize(1);
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void anUploadThatTheOtherSideResetsIsNotThere() throws IOException {
        old.behave((request, c) -> answer(c, "404 Not Found", "not on old"));
        next.behave((request, c) -> c.reset());
        try (Wire client = bench.client()) {
            Wire.Answer answer = client.get("/system/gone.mp4");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.has("Cache-Control: no-store")).isTrue();
            assertThat(answer.head()).doesNotContain("Retry-After");
            assertThat(client.get("/about").status()).isEqualTo(404);
        }
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void afterAFlipTheNewSideComesFirstAndFilesHereStandInForWhatItLacks() throws IOException {
        bench.flip(Side.NEW);
        next.behave((request, c) -> {
            boolean lacks = request.line().contains("robots") || request.line().contains("gone");
            answer(c, lacks ? "404 Not Found" : "200 OK", "new");
        });
        Files.copy(
                folder.root.resolve("system/media/original/small.mp4"),
                folder.root.resolve("system/media/original/gone.mp4"));
        try (Wire client = bench.client()) {
            assertThat(client.get("/sw.js").text()).isEqualTo("new");
            assertThat(client.get("/robots.txt").text()).startsWith("User-agent");
            assertThat(client.get("/packs/logo.png").body()).as("never changes").hasSize(2000);
            assertThat(client.get("/packs/of-a-newer-version.js").text()).isEqualTo("new");
            assertThat(client.get("/packs/gone.js").status()).isEqualTo(404);
            assertThat(client.get("/system/media/original/small.mp4").text())
                    .as("an upload is the new side's to serve, and to delete")
                    .isEqualTo("new");
            assertThat(client.get("/system/media/original/gone.mp4").body())
                    .as("not copied yet")
                    .hasSize(4000);
            assertThat(client.get("/system/fresh.png").text()).isEqualTo("new");
            Wire.Answer nowhere = client.get("/system/gone.png");
            assertThat(nowhere.status()).isEqualTo(404);
            assertThat(nowhere.text()).as("the site's own page").isEqualTo("new");
        }
        assertThat(old.requests()).as("the former side is asked nothing").isEmpty();
        bench.await(s -> bench.inFlight(s) == 0);
    }

    @Test
    void theSitesOwnPageIsKeptWhereNoFileStandsIn() throws IOException {
        bench.flip(Side.NEW);
        hasNothing(next, "not on new");
        try (Wire client = bench.client()) {
            for (String path :
                    List.of("/emoji-that-is-none", "/system/none.png", "/packs/none.js", "/robots.txt.none")) {
                assertThat(client.get(path).text()).as(path).isEqualTo("not on new");
            }
        }
    }

    @Test
    void someTimeAfterAFlipTheActiveSideIsAskedAlone() throws IOException {
        hasNothing(old, "not on old");
        bench.flip(Side.NEW);
        hasNothing(next, "not on new");
        try (Wire client = bench.client()) {
            assertThat(client.get("/system/media/original/small.mp4").body()).hasSize(4000);
        }
        bench.pass(STAND_IN);
        try (Wire client = bench.client()) {
            for (String path : List.of("/system/media/original/small.mp4", "/packs/logo.png", "/robots.txt")) {
                assertThat(client.get(path).text()).as(path).isEqualTo("not on new");
            }
        }
        bench.flip(Side.OLD);
        try (Wire client = bench.client()) {
            next.behave((request, c) -> answer(c, "200 OK", "new"));
            assertThat(client.get("/system/of-new.png").text()).as("a new flip").isEqualTo("new");
        }
        bench.pass(STAND_IN);
        try (Wire client = bench.client()) {
            assertThat(client.get("/system/of-new.png").text()).isEqualTo("not on old");
            assertThat(client.get("/system/media/original/small.mp4").body()).hasSize(4000);
        }
    }

    @Test
    void twoProxiesThatLookForFilesOnEachOtherDoNotLoop() throws IOException {
        hasNothing(old, "not on old");
        hasNothing(next, "not on new");
        try (Wire client = bench.client()) {
            assertThat(client.get("/system/gone.png").text()).isEqualTo("not on new");
            assertThat(next.requests().get(0).has("Via: 1.1 sluice")).isTrue();
            assertThat(old.requests().get(0).head()).doesNotContain("Via");
            client.send("GET /system/gone.png HTTP/1.1\r\nHost: a\r\nVia: 1.1 sluice\r\n\r\n");
            assertThat(client.answer().text())
                    .as("as it would come from the other")
                    .isEqualTo("not on old");
        }
        assertThat(next.requests()).hasSize(1);
    }

    @Test
    void aPreviewedClientSeesTheOtherSidesFiles() throws IOException {
        bench.preview(new Preview(Side.NEW, "sluice=new", null, null));
        String fields = " HTTP/1.1\r\nHost: a\r\nCookie: sluice=new\r\n\r\n";
        try (Wire client = bench.client()) {
            for (String path : List.of("/packs/logo.png", "/robots.txt", "/system/media/original/small.mp4")) {
                assertThat(client.send("GET " + path + fields).answer().text())
                        .as(path)
                        .isEqualTo("new");
                assertThat(client.get(path).text()).as(path).isNotEqualTo("new");
            }
            hasNothing(next, "not on new");
            assertThat(client.send("GET /system/media/original/small.mp4" + fields)
                            .answer()
                            .body())
                    .as("not copied yet")
                    .hasSize(4000);
            assertThat(client.send("GET /system/none.png" + fields).answer().text())
                    .isEqualTo("not on new");
        }
        assertThat(old.requests()).isEmpty();
    }

    @Test
    void anErrorOfTheOtherSideIsNoReasonToWait() throws IOException {
        hasNothing(old, "not on old");
        next.behave((request, c) -> answer(c, "503 Service Unavailable", "not ready"));
        bench.hold(Scope.WRITES);
        try (Wire client = bench.client()) {
            assertThat(client.get("/system/gone.png").status()).isEqualTo(404);
            bench.pass(Duration.ofSeconds(15));
            next.behave((request, c) -> c.reset());
            assertThat(client.get("/system/gone.png").status()).isEqualTo(404);
        }
        assertThat(bench.state().tally().parkedTotal()).isZero();
    }

    @Test
    void anErrorOfTheOtherSideDoesNotShutTheGateAgain() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        hasNothing(old, "not on old");
        next.behave((request, c) -> {
            asked.countDown();
            answer(c, "503 Service Unavailable", "not ready");
        });
        bench.hold(Scope.ALL);
        try (Wire client = bench.client()) {
            client.send("GET /system/gone.png HTTP/1.1\r\nHost: a\r\n\r\n");
            bench.await(s -> s.waiting() == 1);
            bench.releaseWithoutWaiting();
            assertThat(client.answer().status()).isEqualTo(404);
            asked.await();
        }
        GateState open = bench.await(s -> s.routing().phase() != Phase.RELEASING);
        assertThat(open.routing().phase()).isEqualTo(Phase.OPEN);
    }
}
