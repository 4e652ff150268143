package sluice.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.testbed.Await;
import sluice.testbed.LocalProcess;

/** {@code sluice proxy …} against the real proxy. */
@Timeout(180)
class ProxyCommandIT {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final PrintStream screen = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private LocalProcess proxy;
    private Path site;

    @BeforeEach
    void start() throws IOException {
        Path socket = folder.resolve("admin.sock");
        Path configuration = Files.writeString(folder.resolve("proxy.toml"), """
                domains = ["localhost"]

                [listen]
                https = []
                http = ["127.0.0.1:0"]
                admin = ["unix:%s"]

                [state]
                directory = "state"

                [upstreams.old]
                web = "http://127.0.0.1:9"

                [upstreams.new]
                web = "http://127.0.0.1:9"
                """.formatted(socket));
        String example = Files.readString(Path.of("../config/site.toml"));
        site = Files.writeString(
                folder.resolve("site.toml"), example.replace("unix:/run/sluice/admin.sock", "unix:" + socket));
        Path program = Path.of("../proxy/target/dist/bin/sluice-proxy")
                .toAbsolutePath()
                .normalize();
        proxy = LocalProcess.start(
                "proxy",
                folder.resolve("proxy.log"),
                List.of(program.toString(), "run", "--config", configuration.toString()));
        proxy.awaitLine(Pattern.compile(".*ready: .*"), BOUND);
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void stop() {
        System.setOut(screen);
        proxy.close();
    }

    private int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--site", site.toString(), "--json", "proxy"));
        all.addAll(List.of(arguments));
        return Main.execute(all.toArray(new String[0]));
    }

    /** What was printed since the last time. */
    private List<JsonNode> printed() {
        List<JsonNode> all = new ArrayList<>();
        printed.toString(StandardCharsets.UTF_8).lines().forEach(line -> {
            try {
                all.add(new ObjectMapper().readTree(line));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        printed.reset();
        return all;
    }

    @Test
    void previewRequestsAndRehearse() {
        assertThat(run("preview", "new", "--cookie", "sluice=new", "--network", "203.0.113.0/24"))
                .isEqualTo(Exit.DONE);
        assertThat(printed().get(0).path("preview").toString())
                .isEqualTo(
                        "{\"upstream\":\"new\",\"cookie\":\"sluice=new\",\"network\":\"203.0.113.0/24\",\"in_force\":true}");
        assertThat(run("preview", "old", "--cookie", "sluice=old"))
                .as("the active side")
                .isEqualTo(Exit.FAILED);
        assertThat(run("preview")).isEqualTo(Exit.USAGE);
        assertThat(run("preview", "--end")).isEqualTo(Exit.DONE);
        assertThat(printed().get(0).path("preview").isNull()).isTrue();

        assertThat(run("requests")).isEqualTo(Exit.DONE);
        assertThat(printed().get(0).path("requests").isArray()).isTrue();

        assertThat(run("rehearse", "--for", "1", "--real")).isEqualTo(Exit.DONE);
        JsonNode report = printed().get(0).path("report");
        assertThat(report.path("real").asBoolean()).isTrue();
        assertThat(report.path("summary").asText()).startsWith("a hold of 1 s parked 0 requests");
    }

    @Test
    void holdFlipAndRelease() {
        assertThat(run("hold", "--ttl", "60", "--expiry", "shed", "--dry-run")).isEqualTo(Exit.DONE);
        assertThat(printed().get(0).path("phase").asText()).isEqualTo("open");

        assertThat(run("hold", "--ttl", "60", "--expiry", "shed")).isEqualTo(Exit.DONE);
        JsonNode held = printed().get(0);
        assertThat(held.path("phase").asText()).isEqualTo("drained");
        assertThat(held.path("arrivals").asText()).isEqualTo("park");
        assertThat(held.path("expiry").asText()).isEqualTo("shed");
        assertThat(held.path("owner").asText()).startsWith("sluice proxy hold, ");
        assertThat(run("hold")).as("there is one").isEqualTo(Exit.FAILED);
        printed();

        assertThat(run("state")).isEqualTo(Exit.DONE);
        assertThat(printed().get(0).path("hold").asText())
                .isEqualTo(held.path("hold").asText());

        assertThat(run("flip", "new", "--drained")).isEqualTo(Exit.DONE);
        assertThat(printed().get(0).path("active").asText()).isEqualTo("new");
        assertThat(run("release", "--to", "old")).isEqualTo(Exit.DONE);
        JsonNode released = printed().get(0);
        assertThat(released.path("active").asText()).isEqualTo("old");
        assertThat(released.path("phase").asText()).isEqualTo("open");
        assertThat(released.has("hold")).isFalse();
    }

    @Test
    void eventsAreFollowedUntilTheProxyStops() throws Exception {
        CompletableFuture<Integer> follower = new CompletableFuture<>();
        Thread thread = new Thread(() -> follower.complete(run("events", "--states")));
        thread.setDaemon(true);
        thread.start();
        Await.until("the state is told", BOUND, () -> text().contains("\"event\":\"state\""));

        assertThat(run("flip", "new")).isEqualTo(Exit.DONE);

        Await.until("the flip is told", BOUND, () -> text().contains("\"what\":\"flip\""));
        proxy.stop(BOUND);
        assertThat(follower.get(BOUND.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Exit.DONE);
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
