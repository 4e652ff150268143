package sluice.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    private static final String LEAST = """
            domains = ["example.social"]
            self_signed = true
            upstreams.old.web = "http://127.0.0.1:3000"
            upstreams.new.web = "http://127.0.0.1:3001"
            """;

    @TempDir
    Path folder;

    @Test
    void defaultsOfTheTop() throws Exception {
        ProxyConfig config = read(LEAST);

        assertThat(config.preset()).isEqualTo(ProxyConfig.Preset.MASTODON);
        assertThat(config.domains()).containsExactly("example.social");
        assertThat(config.tls().selfSigned()).isTrue();
        assertThat(config.tls().certificates()).isEmpty();
        assertThat(config.root()).isNull();
        assertThat(config.errorPage()).isNull();
        assertThat(config.rules()).isEmpty();
        assertThat(config.clientAddress().kind()).isEqualTo(ProxyConfig.ClientAddress.Kind.DIRECT);
        assertThat(config.clientAddress().trusted()).isEmpty();
        assertThat(config.state().directory()).isEqualTo(Path.of("/var/lib/sluice"));
        assertThat(config.server().loops())
                .isEqualTo(Math.min(4, Runtime.getRuntime().availableProcessors()));
        assertThat(config.stopTimeout()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void defaultsOfListen() throws Exception {
        ProxyConfig.Listen listen = read(LEAST).listen();

        assertThat(listen.https()).containsExactly(at("0.0.0.0", 443), at("::", 443));
        assertThat(listen.http()).containsExactly(at("0.0.0.0", 80), at("::", 80));
        assertThat(listen.adminSockets()).containsExactly(Path.of("/run/sluice/admin.sock"));
        assertThat(listen.adminAddresses()).containsExactly(at("127.0.0.1", 9180));
        assertThat(listen.tokenFile()).isNull();
    }

    @Test
    void defaultsOfUpstreams() throws Exception {
        ProxyConfig.Upstreams upstreams = read(LEAST).upstreams();

        assertThat(upstreams.active()).isEqualTo("old");
        assertThat(upstreams.old().streaming()).isEqualTo(upstreams.old().web());
        assertThat(upstreams.next().web()).isEqualTo(URI.create("http://127.0.0.1:3001"));
        assertThat(upstreams.next().serverName()).isNull();
        assertThat(upstreams.next().ca()).isNull();
    }

    @Test
    void defaultsOfTheFiles() throws Exception {
        ProxyConfig.Files files = read(LEAST).files();

        assertThat(files.links()).isEmpty();
        assertThat(files.side()).isEqualTo("old");
        assertThat(files.cache()).isEqualTo(8 << 20);
        assertThat(files.hsts()).isEqualTo("max-age=63072000; includeSubDomains");
        assertThat(files.acmeRoot()).isNull();
        assertThat(files.gzip()).isTrue();
        assertThat(read("preset = \"plain\"\n" + LEAST).files().hsts()).isEmpty();
    }

    @Test
    void challengesAreAtPort80OfAnotherHostOnly() throws Exception {
        assertThat(read(LEAST).upstreams().next().acme()).isNull();
        assertThat(read(LEAST.replace("http://127.0.0.1:3001", "https://192.0.2.9:8443"))
                        .upstreams()
                        .next()
                        .acme())
                .isEqualTo(URI.create("http://192.0.2.9"));
    }

    @Test
    void defaultsOfTheGate() throws Exception {
        ProxyConfig.Gate gate = read(LEAST).gate();

        assertThat(gate.waits()).isEqualTo(ProxyConfig.Waits.of(Duration.ofSeconds(8), Duration.ofSeconds(25)));
        assertThat(gate.maxParkedPerClient()).isEqualTo(256);
        assertThat(gate.maxParked()).isEqualTo(10_000);
        assertThat(gate.maxParkedBytes()).isEqualTo(268_435_456);
        assertThat(gate.releaseConcurrency()).isEqualTo(10);
        assertThat(gate.closeOver()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void defaultsOfTheLimits() throws Exception {
        ProxyConfig.Limits limits = read(LEAST).limits();

        assertThat(limits.headBytes()).isEqualTo(16_384);
        assertThat(limits.bodyBytes()).isEqualTo(103_809_024);
        assertThat(limits.bodyMemory()).isEqualTo(65_536);
        assertThat(limits.bodyMemoryTotal()).isEqualTo(67_108_864);
        assertThat(limits.spoolTotal()).isEqualTo(2_147_483_648L);
        assertThat(limits.connections()).isEqualTo(4096);
        assertThat(limits.headTimeout()).isEqualTo(Duration.ofSeconds(20));
        assertThat(limits.bodyTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(limits.clientIdle()).isEqualTo(Duration.ofSeconds(70));
        assertThat(limits.upstreamConnect()).isEqualTo(Duration.ofSeconds(5));
        assertThat(limits.upstreamRead()).isEqualTo(Duration.ofMinutes(2));
        assertThat(limits.upstreamIdle()).isEqualTo(Duration.ofSeconds(12));
        assertThat(limits.connectionsPerAddress()).isEqualTo(256);
        assertThat(limits.handshakeTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(limits.passedIdle()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void theAccessLogIsOffUnlessItsTableIsThere() throws Exception {
        assertThat(read(LEAST).accessLog()).isNull();
        assertThat(read(LEAST + "access_log = {file = \"-\"}\n").accessLog())
                .isEqualTo(new ProxyConfig.AccessLog(null, ProxyConfig.AccessLog.Format.COMBINED));
        assertThat(read(LEAST + "access_log = {file = \"a.log\", format = \"json\"}\n")
                        .accessLog())
                .isEqualTo(new ProxyConfig.AccessLog(folder.resolve("a.log"), ProxyConfig.AccessLog.Format.JSON));
    }

    @Test
    void howSlowABodyMayBe() throws Exception {
        ProxyConfig.Limits standard = read(LEAST).limits();
        assertThat(standard.bodyRate()).isZero();
        assertThat(standard.bodyTotal()).isEqualTo(Duration.ofHours(1));
        ProxyConfig.Limits limits = read(LEAST + "limits = {body_rate = \"2KiB\", body_total = \"1h\"}\n")
                .limits();
        assertThat(limits.bodyRate()).isEqualTo(2048);
        assertThat(limits.bodyTotal()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void everyKeyIsRead() throws Exception {
        Files.createDirectories(folder.resolve("live"));
        Files.createDirectories(folder.resolve("public"));
        Files.createDirectories(folder.resolve("media"));
        Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
        Files.writeString(folder.resolve("ca.pem"), "an authority");
        Files.writeString(folder.resolve("public/sorry.html"), "<p>Sorry</p>");
        ProxyConfig config = read("""
                preset = "plain"
                domains = ["a.example", "b.example"]
                certificates = ["live"]
                http2 = false
                root = "public"
                error_page = "sorry.html"
                client_address = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]
                stop_timeout = "1m30s"
                gzip = false
                [files]
                links = ["media"]
                side = "new"
                cache = "1MiB"
                hsts = " max-age=1 "
                acme_root = "live"
                other_side_for = "5m"
                [listen]
                https = ["127.0.0.1:0"]
                http = []
                admin = ["unix:/tmp/a.sock", "[::1]:9999"]
                token_file = "token"
                [state]
                directory = "state"
                [upstreams]
                active = "new"
                [upstreams.old]
                web = "unix:/run/puma.sock"
                streaming = "http://[::1]:4000"
                [upstreams.new]
                web = "https://new.example:8443/"
                server_name = "a.example"
                ca = "ca.pem"
                acme = "http://192.0.2.9:8080"
                [gate]
                wait_inbox = "1s"
                wait = "2s"
                max_parked = 3
                max_parked_bytes = "4MiB"
                max_parked_per_client = 8
                release_concurrency = 5
                close_over = "6s"
                [limits]
                head = "8KiB"
                body = "99MB"
                body_memory = 1000
                body_memory_total = "2KB"
                spool = "1GB"
                connections = 7
                h2_streams = 6
                head_timeout = "8s"
                body_timeout = "9s"
                client_idle = "10s"
                upstream_connect = "11s"
                upstream_read = "12s"
                upstream_idle = "500ms"
                connections_per_address = 99
                handshake_timeout = "13s"
                passed_idle = "14s"
                [server]
                loops = 3
                [[rules]]
                method = ["GET", "POST"]
                path = "/search/*"
                header = "X-Job: *"
                query = "fetch=yes"
                class = "write"
                service = "streaming"
                [[rules]]
                path = "/report"
                class = "read"
                """);

        assertThat(config)
                .isEqualTo(new ProxyConfig(
                        ProxyConfig.Preset.PLAIN,
                        List.of(
                                new ProxyConfig.Rule(
                                        "proxy.toml rules[0]",
                                        List.of("GET", "POST"),
                                        "/search/*",
                                        "X-Job: *",
                                        "fetch=yes",
                                        "write",
                                        "streaming"),
                                new ProxyConfig.Rule(
                                        "proxy.toml rules[1]", List.of(), "/report", null, null, "read", null)),
                        List.of("a.example", "b.example"),
                        new ProxyConfig.Tls(List.of(folder.resolve("live")), false, false, null),
                        new ProxyConfig.ClientAddress(
                                ProxyConfig.ClientAddress.Kind.TRUSTED,
                                List.of(
                                        Network.parse("10.0.0.0/8"),
                                        Network.parse("2001:db8::/32"),
                                        Network.parse("192.0.2.7/32"))),
                        folder.resolve("public"),
                        folder.resolve("public/sorry.html"),
                        new ProxyConfig.Listen(
                                List.of(at("127.0.0.1", 0)),
                                List.of(),
                                List.of(at("::1", 9999)),
                                List.of(Path.of("/tmp/a.sock")),
                                folder.resolve("token"),
                                OtherSites.NONE),
                        new ProxyConfig.State(folder.resolve("state")),
                        new ProxyConfig.Upstreams(
                                "new",
                                new ProxyConfig.Upstream(
                                        URI.create("unix:/run/puma.sock"), URI.create("http://[::1]:4000"), null, null),
                                new ProxyConfig.Upstream(
                                        URI.create("https://new.example:8443/"),
                                        URI.create("https://new.example:8443/"),
                                        "a.example",
                                        folder.resolve("ca.pem"),
                                        URI.create("http://192.0.2.9:8080"))),
                        new ProxyConfig.Gate(
                                ProxyConfig.Waits.of(Duration.ofSeconds(1), Duration.ofSeconds(2)),
                                3,
                                4 << 20,
                                8,
                                5,
                                Duration.ofSeconds(6)),
                        new ProxyConfig.Limits(
                                8192,
                                99_000_000,
                                1000,
                                2000,
                                1_000_000_000,
                                7,
                                6,
                                Duration.ofSeconds(8),
                                Duration.ofSeconds(9),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(11),
                                Duration.ofSeconds(12),
                                Duration.ofMillis(500),
                                99,
                                Duration.ofSeconds(13),
                                Duration.ofSeconds(14)),
                        new ProxyConfig.Server(3),
                        new ProxyConfig.Files(
                                List.of(folder.resolve("media")),
                                "new",
                                1 << 20,
                                "max-age=1",
                                folder.resolve("live"),
                                false,
                                Duration.ofMinutes(5)),
                        Duration.ofSeconds(90)));
    }

    @Test
    void eachClassMayHaveAWaitOfItsOwn() throws Exception {
        ProxyConfig.Waits waits = read(LEAST + "[gate.wait]\nmedia = \"40s\"\nstream = \"3s\"\n")
                .gate()
                .waits();

        assertThat(waits)
                .isEqualTo(new ProxyConfig.Waits(
                        Duration.ofSeconds(8),
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(25),
                        Duration.ofSeconds(25),
                        Duration.ofSeconds(3)));
    }

    @Test
    void theWaitOfInboxesMayStandBesideTheTable() throws Exception {
        ProxyConfig.Gate gate = read(LEAST + "[gate]\nwait_inbox = \"5s\"\nwait = { write = \"6s\" }\n")
                .gate();

        assertThat(gate.waits().inbox()).isEqualTo(Duration.ofSeconds(5));
        assertThat(gate.waits().write()).isEqualTo(Duration.ofSeconds(6));
        assertThat(gate.waits().media()).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void theShippedExampleIsRightButForTheFilesThatOnlyAServerHas() throws Exception {
        Path example = Path.of("../config/proxy.toml");

        assertThat(problems(example))
                .extracting(Problem::key)
                .containsExactlyInAnyOrder("certificates[0]", "root", "listen.token_file");
        String commentsRemoved = Files.readString(example)
                .replaceAll("(?m)^# (?=\\[|[a-z_]+ = )", "")
                .replaceFirst("(?m)^self_signed.*$", "");
        assertThat(problems(write(commentsRemoved)))
                .extracting(Problem::key)
                .as("the defaults shown as comments are right too")
                .containsExactlyInAnyOrder(
                        "certificates[0]",
                        "root",
                        "listen.token_file",
                        "upstreams.new.ca",
                        "files.links[0]",
                        "files.acme_root",
                        "access_log.file",
                        "proxy_protocol_from",
                        "client_certificates.ca");
    }

    @Test
    void theDefaultsShownInTheExampleAreTheDefaults() throws Exception {
        String example = Files.readString(Path.of("../config/proxy.toml"));
        String gateAndLimits = example.substring(example.indexOf("# [gate]"), example.indexOf("# [server]"))
                .replaceAll("(?m)^# ", "");
        ProxyConfig config = read(LEAST + gateAndLimits);

        assertThat(config.gate()).isEqualTo(ProxyConfig.Gate.DEFAULT);
        assertThat(config.limits()).isEqualTo(ProxyConfig.Limits.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // file | key | what is there | what would be right
                "preset = \"pleroma\" | preset | \"pleroma\" is not known | \"mastodon\" or \"plain\"",
                "gzip = 1 | gzip | 1 is neither true nor false | true or false",
                "files.links = [\"/nowhere/at/all\"] | files.links[0] | does not exist | links in root",
                "files.side = \"both\" | files.side | \"both\" is not known | \"old\" or \"new\"",
                "files.cache = \"2GiB\" | files.cache | out of bounds | from",
                "files.hsts = \"a\\r\\nb\" | files.hsts | cannot be the value | max-age",
                "files.acme_root = 1 | files.acme_root | not a text | challenges",
                "upstreams.new.acme = \"https://a\" | upstreams.new.acme | not plain http | http://host",
                "preset = 3 | preset | 3 is not known | \"mastodon\"",
                "domains = \"example.social\" | domains | is not a list | [\"example.social\"]",
                "domains = [\"a_b\", \"ok.example\"] | domains[0] | \"a_b\" is not a domain name | example.social",
                "domains = [true] | domains[0] | true is not a text | example.social",
                "self_signed = \"yes\" | self_signed | \"yes\" is neither true nor false | true or false",
                "certificates = [\"nowhere\"] | certificates[0] | \"nowhere\" does not exist | fullchain.pem",
                "root = \"nowhere\" | root | \"nowhere\" does not exist | folder",
                "proxy_protocol_from = [\"10.0.0.0/8\"] | proxy_protocol_from | is set, but client_address | \"proxy-protocol\"",
                "client_certificates.c = 1 | client_certificates.ca | is missing | PEM",
                "client_certificates.ca = \"nowhere\" | client_certificates.ca | does not exist | PEM",
                "other.https = \"127.0.0.1\" | other.https | has no port | 443",
                "other.proxy_protocol = true | other | has neither https nor http | write",
                "other_sites = [{names = [\"b.example\"]}] | other_sites[0] | has neither https nor http | write",
                "other_sites = [{http = \"127.0.0.1:81\"}] | other_sites[0].names | is missing | blog",
                "other_sites = [{names = [], http = \"127.0.0.1:81\"}] | other_sites[0].names | is empty | blog",
                "other_sites = [{names = [\"*.*.b\"], http = \"127.0.0.1:81\"}] | other_sites[0].names[0] | is not a name | *.",
                "other_sites = [{names = [\"Example.social\"], http = \"127.0.0.1:81\"}] | other_sites[0].names | stands in domains too | leave it out",
                "other_sites = [{names = [\"b.c\", \"B.c\"], http = \"127.0.0.1:81\"}] | other_sites[0].names | stands twice | once",
                "other_sites = [{names = [\"b.c\"], http = \"127.0.0.1:80\"}] | other_sites[0].http | is where the proxy itself listens | other port",
                "other_sites = {} | other_sites | is not a list of tables | [[other_sites]]",
                "client_address = \"any\" | client_address | \"any\" is not known | list of trusted networks",
                "client_address = [] | client_address | is an empty list | \"direct\"",
                "client_address = [\"10.0.0.1/8\"] | client_address[0] | holds it is 10.0.0.0/8 | network",
                "client_address = [\"10.0.0.0/33\"] | client_address[0] | 33 bits does not fit | network",
                "client_address = [\"ten\"] | client_address[0] | is not a network | network",
                "stop_timeout = \"25\" | stop_timeout | \"25\" is not a duration | \"10m\"",
                "stop_timeout = 25 | stop_timeout | 25 is not a duration | ms, s, m or h",
                "stop_timeout = \"2h\" | stop_timeout | \"2h\" is out of bounds | from \"0s\" to \"10m\"",
                "listen.https = [\"443\"] | listen.https[0] | has no port | 0.0.0.0:443",
                "listen.https = [\"example.social:443\"] | listen.https[0] | does not begin with an IP | 0.0.0.0:443",
                "listen.https = [\"1.2.3.4:65536\"] | listen.https[0] | does not end with a port | 0.0.0.0:443",
                "listen.https = [\"::1:443\"] | listen.https[0] | does not begin with an IP | [::]:443",
                "listen.http = [\"0.0.0.0:443\"] | listen.http | 0.0.0.0 port 443 stands twice | once",
                "listen.admin = [\"0.0.0.0:9180\"] | listen.admin | 0.0.0.0 is not loopback | unix socket",
                "listen.admin = [\"unix:run/a\"] | listen.admin[0] | has no absolute path | unix:/run",
                "listen.token_file = \"nowhere\" | listen.token_file | \"nowhere\" does not exist | token",
                "listen = 3 | listen | 3 is not a table | [listen]",
                "gate.wait = \"25 s\" | gate.wait | \"25 s\" is not a duration | duration",
                "gate.wait = \"99ms\" | gate.wait | is out of bounds | \"100ms\" to \"10m\"",
                "gate.wait.media = \"1h\" | gate.wait.media | is out of bounds | \"100ms\" to \"10m\"",
                "gate.wait.rest = \"8s\" | gate.wait.rest | is not a known key | known here: inbox, media, read, stream, write",
                "gate = { wait_inbox = \"2s\", wait = { inbox = \"3s\" } } | gate.wait_inbox | stands beside wait.inbox | one of the two",
                "gate.max_parked_per_client = -1 | gate.max_parked_per_client | -1 is out of bounds | from 0 to 1000000",
                "gate.max_parked = 0 | gate.max_parked | 0 is out of bounds | from 1 to 1000000",
                "gate.max_parked = 1.5 | gate.max_parked | 1.5 is not a whole number | whole number",
                "gate.max_parked = 99999999999 | gate.max_parked | is out of bounds | from 1",
                "gate.max_parked_bytes = \"1GiBi\" | gate.max_parked_bytes | is not a size | KiB",
                "limits.head = \"1MiB\" | limits.head | \"1MiB\" is out of bounds | from \"1KiB\" to \"256KiB\"",
                "limits.body = \"4GiB\" | limits.body | 4GiB is more than spool, 2GiB | at most spool",
                "limits.body_memory_total = 1000 | limits.body_memory | 64KiB for one body | body_memory_total",
                "limits.body_rate = \"1GiB\" | limits.body_rate | out of bounds | from \"0B\" to \"1MiB\"",
                "limits.body_total = \"2d\" | limits.body_total | \"2d\" is not a duration | duration",
                "access_log = true | access_log | true is not a table | [access_log]",
                "access_log = {} | access_log.file | is missing | access.log",
                "access_log.format = \"json\" | access_log.file | is missing | access.log",
                "access_log = {file = \"/nowhere/a.log\"} | access_log.file | a folder that does not exist | access.log",
                "access_log = {file = \"/tmp\"} | access_log.file | is a folder | access.log",
                "access_log = {file = \"-\", format = \"common\"} | access_log.format | \"common\" is not known | \"json\"",
                "access_log = {file = \"-\", fil = 1} | access_log.fil | is not a known key | did you mean file?",
                "gate.wait_inbx = \"8s\" | gate.wait_inbx | is not a known key | did you mean wait_inbox?",
                "gate.stop_timeout = \"8s\" | gate.stop_timeout | is not a known key | at the top, above",
                "max_parked = 3 | max_parked | is not a known key | belongs to [gate]",
                "zebra = 3 | zebra | is not a known key | known here: access_log, certificates, client_address",
                "upstreams.active = \"newer\" | upstreams.active | \"newer\" is not known | \"old\" or \"new\"",
                "upstreams.old.streaming = \"ftp://a\" | upstreams.old.streaming | neither http://, https | unix:/path",
                "upstreams.old.streaming = \"http://a b\" | upstreams.old.streaming | is not an address | http://host",
                "upstreams.old.streaming = \"http://a_b\" | upstreams.old.streaming | has no host | http://host",
                "upstreams.old.streaming = \"http://a:0\" | upstreams.old.streaming | does not exist | 1 to 65535",
                "upstreams.old.streaming = \"http://a/b\" | upstreams.old.streaming | has a path | http://host",
                "upstreams.old.streaming = \"http://u@a\" | upstreams.old.streaming | has more than a host | http://",
                "upstreams.old.server_name = \"a.b\" | upstreams.old.server_name | no service is https:// | leave it out",
                "server.loops = 65 | server.loops | 65 is out of bounds | from 1 to 64",
            })
    void aMistakeIsReportedWithItsKeyAndWhatWouldBeRight(String line, String key, String found, String right)
            throws Exception {
        String name = line.substring(0, line.indexOf(' '));
        String rest = LEAST.lines()
                .filter(other -> !other.startsWith(name + " "))
                .filter(other -> !(name.equals("certificates") && other.startsWith("self_signed")))
                .collect(Collectors.joining("\n"));
        List<Problem> problems = problems(write(line + "\n" + rest));

        // Without a certificate the one mistake brings a second one with it: both are true.
        assertThat(problems)
                .filteredOn(p -> p.key().equals(key))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.found()).contains(found);
                    assertThat(problem.right()).contains(right);
                    assertThat(problem.file()).isEqualTo(folder.resolve("proxy.toml"));
                });
    }

    @Test
    void whatMustBeThereIsMissed() throws Exception {
        assertThat(problems(write("")))
                .extracting(Problem::key, Problem::found)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("certificates", "is missing"),
                        org.assertj.core.groups.Tuple.tuple("upstreams.old.web", "is missing"),
                        org.assertj.core.groups.Tuple.tuple("upstreams.new.web", "is missing"));
        assertThat(problems(write("self_signed = true\n" + LEAST.lines().skip(2).collect(Collectors.joining("\n")))))
                .extracting(Problem::key)
                .containsExactly("domains");
    }

    @Test
    void allMistakesOfAFileAreReportedAtOnce() throws Exception {
        List<Problem> problems = problems(write("""
                presett = "mastodon"
                domains = ["example.social", "not a name"]
                self_signed = 1
                client_address = "proxy-protocols"
                [listen]
                https = ["0.0.0.0"]
                [upstreams.old]
                web = "127.0.0.1:3000"
                [gate]
                wait = "never"
                max_parked = "many"
                [limit]
                head = "1KiB"
                """));

        assertThat(problems)
                .extracting(Problem::key)
                .contains(
                        "presett",
                        "domains[1]",
                        "self_signed",
                        "client_address",
                        "listen.https[0]",
                        "upstreams.old.web",
                        "upstreams.new.web",
                        "gate.wait",
                        "gate.max_parked",
                        "limit");
    }

    @Test
    void aCertificateThatCannotBeUsedIsAMistakeLikeAnyOther() throws Exception {
        Files.createDirectories(folder.resolve("live"));
        Path file = write(LEAST.replace("self_signed = true", "certificates = [\"live\"]\nzebra = 1"));
        ConfigException e = catchThrowableOfType(
                ConfigException.class, () -> ConfigFile.read(file, new FixedCheck("privkey.pem is encrypted")));

        assertThat(e.problems()).extracting(Problem::key).containsExactly("certificates[0]", "zebra");
        assertThat(e).hasMessageContaining("privkey.pem is encrypted");
    }

    @Test
    void aTokenThatIsTooShortIsAMistake() throws Exception {
        Files.writeString(folder.resolve("token"), "  0123456789abcde\n");

        assertThat(problems(write(LEAST + "listen.token_file = \"token\"\n")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo("listen.token_file");
                    assertThat(problem.found()).contains("too short");
                });
    }

    @Test
    void aSyntaxErrorHasALineAndAColumn() throws Exception {
        assertThat(problems(write("preset = \"mastodon\"\ndomains = [\n  oops\n]\n")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).matches("line 3, column \\d+");
                    assertThat(problem.found()).startsWith("is not TOML: ");
                });
    }

    @Test
    void aKeyThatStandsTwiceIsASyntaxError() throws Exception {
        assertThat(problems(write("preset = \"plain\"\npreset = \"plain\"\n")))
                .singleElement()
                .satisfies(problem -> {
                    // Jackson notices it at the end of the line.
                    assertThat(problem.key()).matches("line [23], column \\d+");
                    assertThat(problem.found()).contains("uplicate");
                });
    }

    @Test
    void aFileThatIsMissingOrNotText() throws Exception {
        assertThat(problems(folder.resolve("none.toml")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.found()).isEqualTo("does not exist"));
        Path latin1 = Files.write(folder.resolve("latin1.toml"), "# é".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(problems(latin1))
                .singleElement()
                .satisfies(problem -> assertThat(problem.found()).isEqualTo("is not UTF-8"));
        assertThat(problems(folder))
                .singleElement()
                .satisfies(problem -> assertThat(problem.found()).startsWith("cannot be read"));
    }

    private ProxyConfig read(String text) throws Exception {
        return ConfigFile.read(write(text), new FixedCheck(null));
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(Network.address(address), port);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("proxy.toml"), text);
    }

    private static List<Problem> problems(Path file) {
        ConfigException e =
                catchThrowableOfType(ConfigException.class, () -> ConfigFile.read(file, new FixedCheck(null)));
        assertThat(e).as("mistakes in %s", file).isNotNull();
        return e.problems();
    }

    /** Finds the same mistake in every file, or none. */
    private record FixedCheck(String mistake) implements CertificateCheck {
        @Override
        public String mistakeInFolder(Path folder) {
            return mistake;
        }

        @Override
        public String mistakeInAuthorities(Path file) {
            return mistake;
        }
    }
}
