package sluice.proxy.config;

import static sluice.proxy.config.Quantities.duration;
import static sluice.proxy.config.Quantities.integer;
import static sluice.proxy.config.Quantities.size;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig.Files;
import sluice.proxy.config.ProxyConfig.Gate;
import sluice.proxy.config.ProxyConfig.Limits;
import sluice.proxy.config.ProxyConfig.Listen;
import sluice.proxy.config.ProxyConfig.Preset;
import sluice.proxy.config.ProxyConfig.Server;
import sluice.proxy.config.ProxyConfig.State;
import sluice.proxy.config.ProxyConfig.Tls;
import sluice.proxy.config.ProxyConfig.Upstream;
import sluice.proxy.config.ProxyConfig.Upstreams;

/** Reads {@code proxy.toml}. Relative paths count from the folder of the file. */
public final class ConfigFile {
    private static final URI NOWHERE = URI.create("unix:/dev/null");
    private static final Path NO_FILE = Path.of("/dev/null");
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private final Findings findings;
    private final Path base;
    private final String fileName;
    private final CertificateCheck certificateCheck;

    private ConfigFile(Path file, CertificateCheck certificateCheck) {
        this.findings = new Findings(file);
        this.fileName = String.valueOf(file.getFileName());
        this.base = folderOf(file);
        this.certificateCheck = certificateCheck;
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException with every mistake in it
     */
    public static ProxyConfig read(Path file, CertificateCheck certificateCheck) throws ConfigException {
        ObjectNode root = parse(file);
        return new ConfigFile(file, certificateCheck).config(root);
    }

    private ProxyConfig config(ObjectNode file) throws ConfigException {
        Table top = new Table(file, "", findings);
        List<String> domains = top.list("domains", Forms.domain(), List.of());
        Listen listen = new ListenTables(base).read(top, domains);
        Path root = top.get("root", Forms.existingDirectory(base, "write the folder with the site's public files"));
        Preset preset = top.get(
                "preset",
                Forms.oneOf(
                        "write \"mastodon\" or \"plain\"", Map.of("mastodon", Preset.MASTODON, "plain", Preset.PLAIN)),
                Preset.MASTODON);
        ProxyConfig config = new ProxyConfig(
                preset,
                rules(top),
                domains,
                tls(top, domains, listen),
                ClientAddressKeys.read(top),
                root,
                errorPage(top, root),
                listen,
                state(top.table("state")),
                upstreams(top.table("upstreams")),
                gate(top.table("gate")),
                limits(top.table("limits")),
                server(top.table("server")),
                files(top, top.table("files"), preset),
                top.get(
                        "stop_timeout",
                        duration(Duration.ZERO, Duration.ofMinutes(10)),
                        ProxyConfig.DEFAULT_STOP_TIMEOUT),
                AccessLogTable.read(top, base));
        findings.reportUnknownKeys();
        findings.throwIfAny();
        return config;
    }

    private List<ProxyConfig.Rule> rules(Table top) {
        return new RuleTables(fileName).read(top.tables("rules", RuleTables.MOST));
    }

    /** Relative to the root, where a Mastodon has its 500.html. */
    private @Nullable Path errorPage(Table top, @Nullable Path root) {
        if (root == null && top.has("root")) {
            // Which is reported; nobody can say where the page would be.
            top.take("error_page");
            return null;
        }
        Path page = top.get("error_page", Forms.errorPage(root == null ? base : root));
        return top.has("error_page") || root == null ? page : Forms.errorPageOf(root);
    }

    private Tls tls(Table top, List<String> domains, Listen listen) {
        List<Path> certificates = top.list("certificates", Forms.certificateFolder(base, certificateCheck), List.of());
        boolean selfSigned = top.get("self_signed", Forms.bool(), false);
        if (selfSigned && top.has("certificates")) {
            top.report("self_signed", "stands beside certificates", "keep one of the two");
        } else if (!selfSigned && !top.has("certificates") && !listen.https().isEmpty()) {
            top.report(
                    "certificates",
                    "is missing",
                    "write a list of folders with fullchain.pem and privkey.pem, or self_signed = true");
        }
        if (selfSigned && domains.isEmpty() && !top.has("domains")) {
            top.report("domains", "is missing", "self_signed needs the names to make a certificate for");
        }
        Table clients = top.table("client_certificates");
        Form<Path> authorities = Forms.authorities(base, certificateCheck);
        Path clientCa = top.has("client_certificates")
                ? clients.required("ca", authorities, NO_FILE, "write the PEM file of the authority to trust")
                : clients.get("ca", authorities);
        return new Tls(certificates, selfSigned, top.get("http2", Forms.bool(), true), clientCa);
    }

    private State state(Table table) {
        return new State(table.get(
                "directory",
                Forms.directory(base, "write a folder that only the proxy's user can write to"),
                Path.of("/var/lib/sluice")));
    }

    private Upstreams upstreams(Table table) {
        String active =
                table.get("active", Forms.oneOf("write \"old\" or \"new\"", Map.of("old", "old", "new", "new")), "old");
        return new Upstreams(active, upstream(table.table("old")), upstream(table.table("new")));
    }

    private Upstream upstream(Table table) {
        URI web = table.required(
                "web", Forms.service(), NOWHERE, "write where the site listens, such as \"http://127.0.0.1:3000\"");
        URI streaming = table.get("streaming", Forms.service(), web);
        String serverName = table.get("server_name", Forms.domain());
        Path ca = table.get("ca", Forms.authorities(base, certificateCheck));
        boolean https = "https".equals(web.getScheme()) || "https".equals(streaming.getScheme());
        for (String key : List.of("server_name", "ca")) {
            if (table.has(key) && !https && !web.equals(NOWHERE)) {
                table.report(key, "is set, but no service is https://", "leave it out");
            }
        }
        URI acme = table.get("acme", Forms.plainService());
        return new Upstream(web, streaming, serverName, ca, acme == null ? challenges(web) : acme);
    }

    /** Port 80 of the host that the site is on, where every certificate authority asks; null for this very host. */
    private static @Nullable URI challenges(URI web) {
        String host = web.getHost();
        boolean here = host == null
                || host.startsWith("127.")
                || host.equals("[::1]")
                || host.equals("localhost")
                || host.equals("0.0.0.0");
        return here ? null : URI.create("http://" + host);
    }

    private static Gate gate(Table table) {
        Gate standard = Gate.DEFAULT;
        return new Gate(
                Waits.read(table),
                table.get("max_parked", integer(1, 1_000_000), standard.maxParked()),
                table.get("max_parked_bytes", size(MIB, 1024 * GIB), standard.maxParkedBytes()),
                table.get("max_parked_per_client", integer(0, 1_000_000), standard.maxParkedPerClient()),
                table.get("release_concurrency", integer(1, 10_000), standard.releaseConcurrency()),
                table.get("close_over", duration(Duration.ZERO, Duration.ofMinutes(10)), standard.closeOver()));
    }

    private static Limits limits(Table table) {
        Limits standard = Limits.DEFAULT;
        Form<Duration> time = duration(Duration.ofMillis(100), Duration.ofHours(1));
        Limits limits = new Limits(
                table.get("head", size(1024, 256 * 1024), (long) standard.headBytes())
                        .intValue(),
                table.get("body", size(0, 1024 * GIB), standard.bodyBytes()),
                table.get("body_memory", size(0, 16 * MIB), (long) standard.bodyMemory())
                        .intValue(),
                table.get("body_memory_total", size(0, 64 * GIB), standard.bodyMemoryTotal()),
                table.get("spool", size(0, 1024 * GIB), standard.spoolTotal()),
                table.get("connections", integer(1, 1_000_000), standard.connections()),
                table.get("h2_streams", integer(2, 10_000), standard.h2Streams()),
                table.get("head_timeout", time, standard.headTimeout()),
                table.get("body_timeout", time, standard.bodyTimeout()),
                table.get("client_idle", time, standard.clientIdle()),
                table.get("upstream_connect", time, standard.upstreamConnect()),
                table.get("upstream_read", time, standard.upstreamRead()),
                table.get("upstream_idle", time, standard.upstreamIdle()),
                table.get("connections_per_address", integer(1, 1_000_000), standard.connectionsPerAddress()),
                table.get("handshake_timeout", time, standard.handshakeTimeout()),
                table.get("passed_idle", duration(Duration.ofSeconds(1), Duration.ofDays(1)), standard.passedIdle()),
                table.get("body_rate", size(0, MIB), standard.bodyRate()),
                table.get("body_total", duration(Duration.ofMillis(100), Duration.ofDays(1)), standard.bodyTotal()));
        if (limits.bodyMemory() > limits.bodyMemoryTotal()) {
            table.report(
                    "body_memory",
                    Quantities.shown(limits.bodyMemory()) + " for one body is more than body_memory_total, "
                            + Quantities.shown(limits.bodyMemoryTotal()) + " for all",
                    "make it at most body_memory_total");
        }
        if (limits.bodyBytes() > limits.spoolTotal() && limits.bodyBytes() > limits.bodyMemory()) {
            table.report(
                    "body",
                    Quantities.shown(limits.bodyBytes()) + " is more than spool, "
                            + Quantities.shown(limits.spoolTotal()) + ": the largest body would never fit",
                    "make it at most spool");
        }
        return limits;
    }

    private static Server server(Table table) {
        Server standard = Server.byDefault(Runtime.getRuntime().availableProcessors());
        return new Server(table.get("loops", integer(1, 64), standard.loops()));
    }

    private Files files(Table top, Table table, Preset preset) {
        Files standard = Files.byDefault(preset);
        return new Files(
                table.list(
                        "links",
                        Forms.existingDirectory(base, "write a folder that links in root may lead into"),
                        standard.links()),
                table.get(
                        "side",
                        Forms.oneOf("write \"old\" or \"new\"", Map.of("old", "old", "new", "new")),
                        standard.side()),
                table.get("cache", size(0, GIB), standard.cache()),
                table.get("hsts", Forms.fieldValue("write a value such as \"max-age=63072000\""), standard.hsts()),
                table.get("acme_root", Forms.existingDirectory(base, "write the folder that the challenges are under")),
                top.get("gzip", Forms.bool(), standard.gzip()),
                table.get("other_side_for", duration(Duration.ZERO, Duration.ofDays(90)), standard.otherSide()));
    }

    private static ObjectNode parse(Path file) throws ConfigException {
        try {
            JsonNode root = new TomlMapper().readTree(java.nio.file.Files.readString(file));
            return (ObjectNode) root;
        } catch (NoSuchFileException e) {
            throw whole(file, "", "does not exist", "name the configuration with --config FILE");
        } catch (CharacterCodingException e) {
            throw whole(file, "", "is not UTF-8", "save it as UTF-8");
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw whole(file, where, "is not TOML: " + e.getOriginalMessage(), "see https://toml.io");
        } catch (IOException e) {
            throw whole(file, "", "cannot be read: " + e, "make it readable for this user");
        }
    }

    private static ConfigException whole(Path file, String key, String found, String right) {
        return new ConfigException(List.of(new Problem(file, key, found, right)));
    }

    private static Path folderOf(Path file) {
        @Nullable Path parent = file.toAbsolutePath().getParent();
        return parent == null ? Path.of("/") : parent;
    }
}
