package sluice.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.demo.load.Target;
import sluice.demo.site.SiteMain;
import sluice.demo.verdict.Books;
import sluice.testbed.Await;
import sluice.testbed.FreePorts;
import sluice.testbed.LocalProcess;
import sluice.testbed.PostgresPair;
import sluice.testbed.RedisPair;

/**
 * Everything that a move needs, up and running: a Postgres pair, a Redis pair, the two sites, the proxy between them and
 * the clients, and the site file for {@code sluice}. {@link #close} stops all of it and leaves nothing behind; so does
 * the end of this JVM by a signal.
 */
public final class Stage implements AutoCloseable {
    static final String DOMAIN = "social.example";

    private static final Duration START_BOUND = Duration.ofSeconds(60);
    private static final Duration STOP_BOUND = Duration.ofSeconds(5);

    /** As Redis comes, and as a Mastodon runs it: on the disk once a second, not at every job. */
    private static final List<String> REDIS = List.of("appendfsync everysec");

    private static volatile boolean ending;

    private final Path folder;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Thread hook = new Thread(this::end, "end of the demo");
    private boolean closed;

    private final PostgresPair postgres;
    private final RedisPair redis;
    private final Target target;
    private final Target newSide;
    private final Path siteFile;
    private final LocalProcess proxy;

    /** Starts everything; {@code proxyProgram} is {@code sluice-proxy}. */
    public static Stage set(Path proxyProgram) throws IOException, SQLException {
        Path folder = Files.createTempDirectory("sluice-demo");
        return new Stage(folder, proxyProgram);
    }

    private Stage(Path folder, Path proxyProgram) throws IOException, SQLException {
        this.folder = folder;
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            CompletableFuture<PostgresPair> databases = CompletableFuture.supplyAsync(PostgresPair::start);
            redis = keep(RedisPair.start(REDIS));
            Path certificate = Certificate.make(folder, DOMAIN);
            postgres = keep(databases.join());
            Books.create(postgres.oldServer().jdbcUrl("mastodon"));
            LocalProcess oldSite = site(
                    "old",
                    postgres.oldServer().jdbcUrl("mastodon"),
                    redis.oldServer().address());
            LocalProcess newSite = site(
                    "new",
                    postgres.newServer().jdbcUrl("mastodon"),
                    redis.newServer().address());
            newSide = Target.http(new InetSocketAddress(InetAddress.getLoopbackAddress(), portOf(newSite)), DOMAIN);
            int port = FreePorts.next();
            proxy = proxy(proxyProgram, port, portOf(oldSite), portOf(newSite));
            target = Target.https(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DOMAIN, certificate);
            siteFile = writeSiteFile();
            settle();
        } catch (IOException | SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    public Target target() {
        return target;
    }

    /** The new site without the proxy, as one looks at it before a move. */
    Target newSide() {
        return newSide;
    }

    /** For {@code sluice --site}. */
    public Path siteFile() {
        return siteFile;
    }

    public Path folder() {
        return folder;
    }

    public PostgresPair postgres() {
        return postgres;
    }

    public RedisPair redis() {
        return redis;
    }

    /** What the proxy and the sites have printed, for when something went wrong. */
    public List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }

    public boolean proxyRuns() {
        return proxy.isAlive();
    }

    /** Has it stopped together with this stage, also when the end comes just now. */
    <T extends AutoCloseable> T keep(T started) {
        synchronized (running) {
            if (!closed) {
                running.push(started);
                return started;
            }
        }
        stop(started);
        throw new IllegalStateException("the demo is being ended");
    }

    private LocalProcess site(String side, String jdbcUrl, String redisAddress) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SiteMain.class.getName(),
                "0",
                jdbcUrl,
                redisAddress);
        return keep(LocalProcess.start(side + " site", folder.resolve("site-" + side + ".log"), command));
    }

    private static int portOf(LocalProcess site) {
        String ready = site.awaitLine(Pattern.compile(Pattern.quote(SiteMain.READY)), START_BOUND);
        return Integer.parseInt(ready.substring(SiteMain.READY.length()));
    }

    private LocalProcess proxy(Path program, int port, int oldSite, int newSite) throws IOException {
        Path configuration = folder.resolve("proxy.toml");
        Files.writeString(configuration, """
                preset = "mastodon"
                domains = ["%s"]
                certificates = ["."]
                client_address = "direct"

                [listen]
                https = ["127.0.0.1:%d"]
                http = []
                admin = ["unix:%s"]

                [state]
                directory = "proxy"

                [upstreams.old]
                web = "http://127.0.0.1:%d"

                [upstreams.new]
                web = "http://127.0.0.1:%d"

                [gate]
                close_over = "2s"
                max_parked_per_client = 0   # all clients of the demo have one address

                [limits]
                connections_per_address = 4096
                """.formatted(DOMAIN, port, adminSocket(), oldSite, newSite));
        LocalProcess started = keep(LocalProcess.start(
                "proxy",
                folder.resolve("proxy.log"),
                List.of(program.toString(), "run", "--config", configuration.toString())));
        awaitPort(started, port);
        return started;
    }

    private static void awaitPort(LocalProcess process, int port) {
        Await.until(process.name() + " listens on port " + port, START_BOUND, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(process.name() + " has ended:\n" + String.join("\n", process.lines()));
            }
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Path adminSocket() {
        return folder.resolve("admin.sock");
    }

    /**
     * Has the kernel write out what the set-up made: two whole databases were copied a moment ago, and would go to the
     * disk in the middle of the move, in front of every fsync.
     */
    private void settle() {
        LocalProcess.run(START_BOUND, List.of("sync", "-f", folder.toString()));
    }

    private Path writeSiteFile() throws IOException {
        String head = """
                name = "%s"
                state = "%s"

                [[gates]]
                admin = "unix:%s"

                """.formatted(DOMAIN, folder.resolve("control"), adminSocket());
        return Files.writeString(folder.resolve("site.toml"), head + postgres.siteToml() + "\n" + redis.siteToml());
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // The JVM is ending, and the hook does it.
        }
        tearDown();
    }

    /** Whether this JVM is being ended by a signal: whatever fails then is no news. */
    static boolean ending() {
        return ending;
    }

    private void end() {
        ending = true;
        tearDown();
    }

    private void tearDown() {
        List<AutoCloseable> last;
        synchronized (running) {
            closed = true;
            last = new ArrayList<>(running);
            running.clear();
        }
        last.forEach(Stage::stop);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("could not remove " + folder + ": " + e);
        }
    }

    private static void stop(AutoCloseable one) {
        try {
            if (one instanceof LocalProcess process) {
                process.stop(STOP_BOUND);
            } else {
                one.close();
            }
        } catch (Exception e) {
            System.err.println("could not stop " + one + ": " + e);
        }
    }
}
