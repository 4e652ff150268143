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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig.ClientAddress;
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
    private final CertificateCheck certificateCheck;

    private ConfigFile(Path file, CertificateCheck certificateCheck) {
        this.findings = new Findings(file);
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

    private ProxyConfig config(ObjectNode root) throws ConfigException {
        Table top = new Table(root, "", findings);
        List<String> domains = top.list("domains", Forms.domain(), List.of());
        Listen listen = listen(top.table("listen"));
        ProxyConfig config = new ProxyConfig(
                top.get(
                        "preset",
                        Forms.oneOf(
                                "write \"mastodon\" or \"plain\"",
                                Map.of("mastodon", Preset.MASTODON, "plain", Preset.PLAIN)),
                        Preset.MASTODON),
                domains,
                tls(top, domains, listen),
                clientAddress(top),
                top.get("root", Forms.existingDirectory(base, "write the folder with the site's public files")),
                listen,
                state(top.table("state")),
                upstreams(top.table("upstreams")),
                gate(top.table("gate")),
                limits(top.table("limits")),
                server(top.table("server")),
                top.get(
                        "stop_timeout",
                        duration(Duration.ZERO, Duration.ofMinutes(10)),
                        ProxyConfig.DEFAULT_STOP_TIMEOUT));
        findings.reportUnknownKeys();
        findings.throwIfAny();
        return config;
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
        return new Tls(certificates, selfSigned, clientCa);
    }

    private static ClientAddress clientAddress(Table top) {
        JsonNode value = top.take("client_address");
        if (value != null && value.isArray()) {
            List<Network> trusted = top.list("client_address", Forms.network(), List.of());
            if (value.isEmpty()) {
                top.report("client_address", "is an empty list", "write \"direct\" when no network is trusted");
            }
            return new ClientAddress(ClientAddress.Kind.TRUSTED, trusted);
        }
        String right = "write \"direct\", \"cloudflare\" or a list of trusted networks";
        Map<String, ClientAddress.Kind> kinds =
                Map.of("direct", ClientAddress.Kind.DIRECT, "cloudflare", ClientAddress.Kind.CLOUDFLARE);
        Form<ClientAddress.Kind> form = node -> {
            if (node.isTextual() && node.textValue().equals("proxy-protocol")) {
                throw new Mistake("\"proxy-protocol\" is not supported yet", right);
            }
            return Forms.oneOf(right, kinds).read(node);
        };
        return new ClientAddress(top.get("client_address", form, ClientAddress.Kind.DIRECT), List.of());
    }

    private Listen listen(Table table) {
        List<InetSocketAddress> https = table.list("https", Forms.socketAddress(), List.of(any4(443), any6(443)));
        List<InetSocketAddress> http = table.list("http", Forms.socketAddress(), List.of(any4(80), any6(80)));
        List<Path> sockets = new ArrayList<>();
        List<InetSocketAddress> addresses = new ArrayList<>();
        Form<Boolean> either = value -> Forms.isUnix(value)
                ? sockets.add(Forms.unixSocket().read(value))
                : addresses.add(Forms.socketAddress().read(value));
        table.list("admin", either, List.of());
        if (!table.has("admin")) {
            sockets.add(Path.of("/run/sluice/admin.sock"));
            addresses.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9180));
        }
        Path tokenFile = table.get("token_file", Forms.token(base));
        if (https.isEmpty() && http.isEmpty()) {
            table.report("https", "is empty, and so is http", "write at least one address");
        }
        for (InetSocketAddress address : addresses) {
            if (!address.getAddress().isLoopbackAddress()) {
                table.report(
                        "admin",
                        address.getAddress().getHostAddress() + " is not loopback",
                        "listen on 127.0.0.1 or a unix socket; whoever is elsewhere comes through ssh");
            }
        }
        reportDoubles(table, List.of(https, http, addresses));
        return new Listen(https, http, List.copyOf(addresses), List.copyOf(sockets), tokenFile);
    }

    private static void reportDoubles(Table table, List<List<InetSocketAddress>> lists) {
        List<String> keys = List.of("https", "http", "admin");
        Set<InetSocketAddress> seen = new HashSet<>();
        for (int i = 0; i < lists.size(); i++) {
            for (InetSocketAddress address : lists.get(i)) {
                if (address.getPort() != 0 && !seen.add(address)) {
                    table.report(
                            keys.get(i),
                            address.getAddress().getHostAddress() + " port " + address.getPort() + " stands twice",
                            "each address can be bound once");
                }
            }
        }
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
        return new Upstream(web, streaming, serverName, ca);
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
                table.get("head_timeout", time, standard.headTimeout()),
                table.get("body_timeout", time, standard.bodyTimeout()),
                table.get("client_idle", time, standard.clientIdle()),
                table.get("upstream_connect", time, standard.upstreamConnect()),
                table.get("upstream_read", time, standard.upstreamRead()),
                table.get("upstream_idle", time, standard.upstreamIdle()));
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

    private static ObjectNode parse(Path file) throws ConfigException {
        try {
            JsonNode root = new TomlMapper().readTree(Files.readString(file));
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

    private static InetSocketAddress any4(int port) {
        return new InetSocketAddress(literal("0.0.0.0"), port);
    }

    private static InetSocketAddress any6(int port) {
        return new InetSocketAddress(literal("::"), port);
    }

    private static InetAddress literal(String address) {
        InetAddress literal = Network.address(address);
        if (literal == null) {
            throw new IllegalStateException(address);
        }
        return literal;
    }
}
