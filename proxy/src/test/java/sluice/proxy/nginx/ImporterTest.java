package sluice.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.proxy.config.ConfigException;
import sluice.proxy.config.ConfigFile;
import sluice.proxy.config.Network;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.Problem;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.ProxyConfig.ClientAddress;
import sluice.proxy.listen.CloudflareNetworks;
import sluice.proxy.listen.PemCheck;

/** Every configuration is understood, or the right lines are told: those that are marked in it. */
class ImporterTest {
    private static final String NEXT = "https://203.0.113.9";

    @TempDir
    Path folder;

    static Stream<String> names() throws Exception {
        return NginxFolder.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theMarkedLinesAreFound(String name) throws Exception {
        NginxFolder machine = NginxFolder.of(name, folder);
        Importer.Result result = read(machine, siteOf(name), null);

        assertThat(places(result, Finding.Kind.AGAINST)).containsExactlyInAnyOrderElementsOf(machine.marked("against"));
        assertThat(places(result, Finding.Kind.NOTE)).containsExactlyInAnyOrderElementsOf(machine.marked("note"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void onlyTheNewHostIsLeftToFillIn(String name) throws Exception {
        String toml = read(NginxFolder.of(name, folder), siteOf(name), null).toml();
        ConfigException wrong = catchThrowableOfType(ConfigException.class, () -> config(toml));

        assertThat(wrong.problems()).extracting(Problem::key).containsExactly("upstreams.new.web");
        assertThat(config(toml.replaceAll("(?m)^# (web|server_name) =", "$1 ="))
                        .upstreams()
                        .next()
                        .web())
                .isEqualTo(URI.create(NEXT));
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsWrittenCanBeRead(String name) throws Exception {
        ProxyConfig config = imported(name);

        assertThat(config.preset()).isEqualTo(ProxyConfig.Preset.MASTODON);
        assertThat(config.upstreams().next().web()).isEqualTo(URI.create(NEXT));
        assertThat(config.upstreams().next().serverName())
                .isEqualTo(config.domains().get(0));
        assertThat(config.tls().certificates())
                .containsExactly(folder.resolve("etc/letsencrypt/live/"
                        + (name.equals("webdomain") ? "social.example.org" : "example.social")));
    }

    @Test
    void stock() throws Exception {
        ProxyConfig config = imported("stock46");

        assertThat(config.domains()).containsExactly("example.social");
        assertThat(config.root()).isEqualTo(folder.resolve("home/mastodon/live/public"));
        assertThat(config.clientAddress().kind()).isEqualTo(ClientAddress.Kind.DIRECT);
        assertThat(config.listen().https()).containsExactly(at("0.0.0.0", 443), at("::", 443));
        assertThat(config.listen().http()).containsExactly(at("0.0.0.0", 80), at("::", 80));
        assertThat(config.upstreams().old().web()).isEqualTo(URI.create("http://127.0.0.1:3000"));
        assertThat(config.upstreams().old().streaming()).isEqualTo(URI.create("http://127.0.0.1:4000"));
        assertThat(config.limits().bodyBytes()).isEqualTo(99L << 20);
        assertThat(config.limits().upstreamRead()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.limits().clientIdle()).isEqualTo(Duration.ofSeconds(70));
    }

    @Test
    void nginxsDefaultsCountWhereNothingIsSaid() throws Exception {
        assertThat(imported("stock43").limits().upstreamRead()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void unixSockets() throws Exception {
        ProxyConfig config = imported("sockets");

        assertThat(config.domains()).containsExactly("example.social", "www.example.social");
        assertThat(config.listen().https()).containsExactly(at("0.0.0.0", 443));
        assertThat(config.listen().http()).containsExactly(at("0.0.0.0", 80));
        assertThat(config.upstreams().old().web()).isEqualTo(URI.create("unix:" + folder + "/run/mastodon/web.sock"));
        assertThat(config.upstreams().old().streaming())
                .isEqualTo(URI.create("unix:" + folder + "/run/mastodon/streaming.sock"));
        assertThat(config.limits().bodyTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(config.limits().headBytes()).isEqualTo(64 * 1024);
    }

    @Test
    void addressesBehindProxies() throws Exception {
        assertThat(imported("cloudflare").clientAddress().kind()).isEqualTo(ClientAddress.Kind.CLOUDFLARE);
        assertThat(imported("docker").clientAddress())
                .isEqualTo(new ClientAddress(
                        ClientAddress.Kind.TRUSTED, List.of(Network.parse("10.0.0.0/8"), Network.parse("fd00::/8"))));
    }

    @Test
    void behindABalancer() throws Exception {
        ProxyConfig config = imported("balancer");

        assertThat(config.clientAddress())
                .isEqualTo(new ClientAddress(
                        ClientAddress.Kind.PROXY_PROTOCOL,
                        List.of(Network.parse("10.0.0.5/32"), Network.parse("fd00::/64"))));
        assertThat(config.files().hsts()).isEmpty();
        assertThat(config.files().gzip()).isFalse();
        assertThat(config.limits().h2Streams()).isEqualTo(64);
    }

    @Test
    void asItHasGrown() throws Exception {
        ProxyConfig config = imported("grown");

        assertThat(config.clientAddress().kind()).isEqualTo(ClientAddress.Kind.CLOUDFLARE);
        assertThat(config.tls().clientCertificates()).isEqualTo(folder.resolve("etc/nginx/certs/origin-pull-ca.pem"));
        assertThat(config.files().hsts()).isEqualTo("max-age=31536000; includeSubDomains; preload");
        assertThat(config.files().acmeRoot()).isEqualTo(folder.resolve("var/www/letsencrypt"));
        assertThat(config.files().gzip()).isTrue();
        assertThat(config.errorPage()).isEqualTo(folder.resolve("var/www/errors/maintenance.html"));
        assertThat(config.accessLog()).isEqualTo(new ProxyConfig.AccessLog(null, ProxyConfig.AccessLog.Format.JSON));
        assertThat(config.limits().headBytes()).isEqualTo(128 * 1024);
        assertThat(config.limits().bodyTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.limits().headTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.listen().others().named())
                .containsExactly(
                        new OtherSites.Site(
                                List.of("files.example.social"), at("127.0.0.1", 8443), at("127.0.0.1", 8080), true),
                        new OtherSites.Site(
                                List.of("wiki.example.org", "*.wiki.example.org"), at("127.0.0.1", 8443), null, true));
        assertThat(config.listen().others().any()).isNull();
    }

    @Test
    void whatDebianSays() throws Exception {
        ProxyConfig config = imported("stock46");

        assertThat(config.accessLog())
                .isEqualTo(new ProxyConfig.AccessLog(null, ProxyConfig.AccessLog.Format.COMBINED));
        assertThat(config.files()).isEqualTo(ProxyConfig.Files.byDefault(ProxyConfig.Preset.MASTODON));
        assertThat(config.limits().headBytes()).isEqualTo(32 * 1024);
    }

    @Test
    void mediaOnAnotherDisk() throws Exception {
        NginxFolder machine = NginxFolder.of("stock46", folder);
        Path disk = Files.createDirectories(folder.resolve("mnt/media"));
        Path inside = Files.createDirectories(folder.resolve("home/mastodon/live/public/packs"));
        Files.createSymbolicLink(inside.resolveSibling("system"), disk);
        Files.createSymbolicLink(inside.resolveSibling("assets"), inside);
        Files.createSymbolicLink(disk.resolve("cache"), Files.createDirectories(folder.resolve("mnt/cache")));
        Files.createSymbolicLink(disk.resolve("gone"), folder.resolve("mnt/gone"));

        assertThat(config(read(machine, null, NEXT).toml()).files().links())
                .containsExactly(folder.resolve("mnt/cache"), disk);
    }

    @Test
    void withoutFilesOnTheHostThereIsNoRoot() throws Exception {
        ProxyConfig config = imported("docker");

        assertThat(config.root()).isNull();
        assertThat(config.limits().bodyBytes()).isEqualTo(200L << 20);
        assertThat(config.limits().upstreamRead()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.upstreams().old().streaming()).isEqualTo(URI.create("http://localhost:4000"));
    }

    @Test
    void theFirstOfSeveralStreamingServersIsTaken() throws Exception {
        assertThat(imported("streaming").upstreams().old().streaming()).isEqualTo(URI.create("http://127.0.0.1:4000"));
    }

    @Test
    void everyValueTellsWhereItCameFrom() throws Exception {
        NginxFolder machine = NginxFolder.of("stock46", folder);
        List<String> lines = Files.readAllLines(machine.site());
        String toml = read(machine, null, null).toml();

        for (String value : List.of("client_max_body_size", "proxy_read_timeout", "root", "keepalive_timeout")) {
            int line = lines.size();
            while (!lines.get(line - 1).startsWith("    " + value + " ")) {
                line--;
            }
            assertThat(toml).contains(machine.site() + ":" + line);
        }
    }

    @Test
    void oneOfSeveralMastodonsMustBeChosen() throws Exception {
        NginxFolder machine = NginxFolder.of("vhosts", folder);

        assertThatThrownBy(() -> read(machine, null, null))
                .isInstanceOf(NoSingleSite.class)
                .hasMessageContaining("--site NAME: example.social (" + machine.site() + ":27); photos.example.social");
        assertThat(read(machine, "photos.example.social", null).toml())
                .contains("domains = [\"photos.example.social\"]", "web = \"http://127.0.0.1:3100\"");
        assertThatThrownBy(() -> read(machine, "blog.example.net", null))
                .isInstanceOf(NoSingleSite.class)
                .hasMessageContaining("no server block for blog.example.net passes requests on");
    }

    @Test
    void ofAPartOfTheFilesItSaysThatOtherSitesWereNotSeen() throws Exception {
        NginxFolder machine = NginxFolder.of("stock46", folder);
        Importer.Result result =
                Importer.read(Configuration.read(List.of(machine.site())), CloudflareNetworks.load(), null, NEXT);

        assertThat(result.findings()).allMatch(finding -> finding.kind() == Finding.Kind.NOTE);
        assertThat(result.findings())
                .extracting(Finding::why)
                .anyMatch(why -> why.contains("other sites of this nginx"));
        assertThat(config(result.toml()).domains()).containsExactly("example.social");
    }

    @Test
    void whatIsNoMastodonIsRefused() throws Exception {
        Path file = folder.resolve("other.conf");
        Files.writeString(file, "server { listen 80; server_name a.example; location / { return 204; } }");

        assertThatThrownBy(() -> Importer.read(Configuration.read(List.of(file)), List.of(), null, null))
                .isInstanceOf(NoSingleSite.class)
                .hasMessageContaining(
                        "no Mastodon was found; --site NAME chooses one. Server blocks: a.example (" + file + ":1)");
    }

    @Test
    void streamingMayHaveANameOfItsOwn() throws Exception {
        Path file = folder.resolve("nginx.conf");
        Files.writeString(file, """
                http {
                    server { listen 443 ssl; server_name example.social; location / { proxy_pass http://127.0.0.1:3000; } }
                    server { listen 443 ssl; server_name s.example.social; location / { proxy_pass http://127.0.0.1:4000; } }
                }
                """);
        Importer.Result result = Importer.read(Configuration.read(List.of(file)), List.of(), "example.social", NEXT);

        assertThat(result.toml()).contains("web = \"http://127.0.0.1:3000\"").doesNotContain("streaming =");
        assertThat(result.findings())
                .extracting(finding -> finding.place().line() + finding.why().substring(0, 21))
                .contains("2No location passes /a", "3nginx serves s.exampl");
    }

    @Test
    void oneOfTwoBlocksWithTheSameNamesIsTaken() throws Exception {
        Path file = folder.resolve("nginx.conf");
        String block =
                "server { listen %s ssl; server_name a.example; location /api/v1/streaming { proxy_pass http://127.0.0.1:4000; } }%n";
        Files.writeString(file, "http {\n" + block.formatted("443") + block.formatted("[::]:443") + "}\n");
        Importer.Result result = Importer.read(Configuration.read(List.of(file)), List.of(), null, NEXT);

        assertThat(places(result, Finding.Kind.AGAINST)).contains(file + ":3");
    }

    @Test
    void whatStandsBesideHttpIsTold() throws Exception {
        NginxFolder machine = NginxFolder.of("stock46", folder);
        Files.writeString(machine.main(), "stream {\n}\n" + Files.readString(machine.main()));

        assertThat(places(read(machine, null, null), Finding.Kind.AGAINST)).containsExactly(machine.main() + ":1");
    }

    private ProxyConfig imported(String name) throws Exception {
        return config(read(NginxFolder.of(name, folder), siteOf(name), NEXT).toml());
    }

    private ProxyConfig config(String toml) throws Exception {
        Path file = folder.resolve("proxy.toml");
        Files.writeString(file, toml);
        return ConfigFile.read(file, new PemCheck());
    }

    private static @Nullable String siteOf(String name) {
        return name.equals("vhosts") ? "example.social" : null;
    }

    private static Importer.Result read(NginxFolder machine, @Nullable String site, @Nullable String next)
            throws Exception {
        return Importer.read(Configuration.read(List.of(machine.main())), CloudflareNetworks.load(), site, next);
    }

    private static List<String> places(Importer.Result result, Finding.Kind kind) {
        return result.findings().stream()
                .filter(finding -> finding.kind() == kind)
                .map(finding -> finding.place().toString())
                .distinct()
                .toList();
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(Network.parse(address).base(), port);
    }
}
