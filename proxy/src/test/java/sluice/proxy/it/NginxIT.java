package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.http.PublicFolder;
import sluice.proxy.it.Differences.Difference;
import sluice.proxy.it.RecordingSite.Request;
import sluice.proxy.listen.TestCertificates;

/**
 * The shipped program beside a real nginx that does what Mastodon's does, over the same site and the same folder, with the
 * configuration that {@code import-nginx} made of nginx's. Clients do the same with both. What they see, and what reaches the site, may
 * differ only as the table says, and everything that the table says has to be so.
 */
@Timeout(300)
class NginxIT {
    /** As many tries are under way at a time; some of them wait until a server gives up. */
    private static final int AT_A_TIME = 24;

    /** Fields that a proxy writes by itself, where it likes. */
    private static final Set<String> OWN = Set.of(
            "host", "connection", "upgrade", "content-length", "x-real-ip", "x-forwarded-for", "x-forwarded-proto");

    @TempDir
    Path directory;

    private int tries;

    @Test
    void differsFromNginxAsTheTableSaysAndNotElse() throws Exception {
        assumeTrue(MastodonNginx.installed(), "nginx is not installed");
        PublicFolder folder = new PublicFolder(directory);
        folder.text(".well-known/acme-challenge/token", "token.thumbprint");
        Path certificate = certificate();
        SSLContext trusted = Client.trusting(certificate.resolve("fullchain.pem"));
        Differences table = new Differences();
        List<Difference> found = new ArrayList<>();
        try (RecordingSite web = new RecordingSite("web");
                RecordingSite streaming = new RecordingSite("streaming");
                RecordingSite next = new RecordingSite("new");
                MastodonNginx nginx = new MastodonNginx(
                        directory.resolve("nginx"), folder.root, certificate, web.port(), streaming.port());
                DistProxy sluice = DistProxy.run(imported(nginx, folder, next))) {
            Try.Server theirs = new Try.Server(nginx.https(), nginx.http(), trusted);
            Try.Server ours = new Try.Server(sluice.port("https"), sluice.port("http"), trusted);
            List<RecordingSite> sites = List.of(web, streaming, next);
            found.addAll(compared(whileUp(), theirs, ours, sites));
            for (RecordingSite site : sites) {
                assertThat(site.of("")).as("requests without a client").isEmpty();
                site.close();
            }
            found.addAll(compared(whileDown(), theirs, ours, sites));
        }
        assertThat(tries).isGreaterThanOrEqualTo(300);
        List<String> wrong = table.wrong(found);
        assertThat(String.join("\n", wrong)).isEmpty();
    }

    private Path certificate() throws Exception {
        KeyPair key = TestCertificates.ec();
        X509Certificate certificate =
                TestCertificates.certificate(key, Instant.now(), Duration.ofDays(1), "example.social");
        return TestCertificates.folder(directory.resolve("certificate"), key.getPrivate(), certificate);
    }

    private static List<Try> whileUp() {
        List<Try> all = new ArrayList<>();
        // Those that wait come first: the others run beside them.
        all.addAll(RawTries.all());
        Stream.of(FileRequests.all(), SiteRequests.all())
                .flatMap(List::stream)
                .map(Try::both)
                .forEach(all::addAll);
        all.addAll(Try.both("GET /packs/none.js|Accept: text/html,*/*;q=0.8"));
        all.addAll(Try.both("GET /raw/garbage|Accept: text/html,*/*;q=0.8"));
        all.addAll(Http2Tries.all());
        all.addAll(PlainTries.all());
        return all;
    }

    private static List<Try> whileDown() {
        List<Try> all = new ArrayList<>();
        for (String request : List.of(
                "GET /down",
                "HEAD /down",
                "POST /inbox||{\"down\":1}",
                "GET /down|Accept: application/json",
                "GET /down|Accept: text/html,*/*;q=0.8",
                "POST /down|Accept: text/html,*/*;q=0.8||a=1",
                "GET /down|Accept-Encoding: gzip",
                "GET /api/v1/streaming/down",
                "GET /robots.txt?down",
                "GET /packs/down.js",
                "GET /system/down.mp4")) {
            all.addAll(Try.both(request));
        }
        return all;
    }

    private List<Difference> compared(List<Try> all, Try.Server theirs, Try.Server ours, List<RecordingSite> sites)
            throws Exception {
        assertThat(all.stream().map(Try::name)).doesNotHaveDuplicates();
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<Future<List<Difference>>> running = new ArrayList<>();
            for (Try one : all) {
                int number = ++tries;
                running.add(threads.submit(() -> Differences.between(
                        shortened(one.name()),
                        seen(one, theirs, "127.1." + number / 250 + "." + (number % 250 + 1), sites),
                        seen(one, ours, "127.2." + number / 250 + "." + (number % 250 + 1), sites))));
            }
            List<Difference> found = new ArrayList<>();
            for (Future<List<Difference>> one : running) {
                found.addAll(one.get());
            }
            return found;
        } finally {
            threads.shutdownNow();
        }
    }

    private static String shortened(String name) {
        return name.replaceAll("(.)\\1{99,}", "$1…").replace("\r\n", "~");
    }

    /** What a client with this address sees, and what the sites were asked for it. */
    private static Map<String, String> seen(Try one, Try.Server server, String from, List<RecordingSite> sites)
            throws Exception {
        Map<String, String> seen = new TreeMap<>(one.on(server, from));
        List<Request> asked =
                sites.stream().flatMap(site -> site.of(from).stream()).toList();
        seen.put(
                "upstream",
                asked.isEmpty()
                        ? "none"
                        : asked.stream()
                                .map(request -> request.site() + " " + shortened(request.line()))
                                .collect(Collectors.joining("; ")));
        for (int i = 0; i < asked.size(); i++) {
            String number = i == 0 ? "" : " (" + (i + 1) + ")";
            Request request = asked.get(i);
            List<String> order = new ArrayList<>();
            request.fields().forEach(field -> {
                int colon = field.indexOf(':');
                String name = field.substring(0, Math.max(0, colon));
                String lower = name.toLowerCase(Locale.ROOT);
                seen.merge(
                        "upstream field " + lower + number,
                        field.substring(colon + 1).strip(),
                        (a, b) -> a + " & " + b);
                if (!OWN.contains(lower)) {
                    order.add(name);
                }
            });
            seen.put("upstream order" + number, shortened(String.join(" ", order)));
            seen.put("upstream body" + number, Talk.shown(request.body()));
        }
        seen.replaceAll((what, value) -> value.replace(from, "CLIENT").replace("\r\n", "~"));
        return seen;
    }

    /** The proxy's configuration, as the program makes it of nginx's; only the ports are others, and what nginx has none of is added. */
    private Path imported(MastodonNginx nginx, PublicFolder folder, RecordingSite next) throws Exception {
        Path file = directory.resolve("proxy.toml");
        try (DistProxy importing = DistProxy.start(
                "import-nginx", nginx.file().toString(), "--new", next.uri().toString(), "--out", file.toString())) {
            assertThat(importing.awaitExit()).as("%s", importing.lines()).isZero();
        }
        String toml = Files.readString(file);
        String ported = toml.replace("127.0.0.1:" + nginx.https() + "\"", "127.0.0.1:0\"")
                .replace("127.0.0.1:" + nginx.http() + "\"", "127.0.0.1:0\"")
                .replace("[listen]\n", "[listen]\nadmin = [\"unix:" + directory.resolve("admin.sock") + "\"]\n");
        assertThat(ported).isNotEqualTo(toml).contains("admin");
        // What leads out of the folder, and only that which a site has on another disk, was seen.
        assertThat(toml).contains("links = [\"" + folder.media.toRealPath() + "\"]");
        return Files.writeString(file, ported + "\n[state]\ndirectory = \"state\"\n");
    }
}
