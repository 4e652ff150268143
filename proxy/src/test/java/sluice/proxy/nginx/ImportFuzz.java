package sluice.proxy.nginx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import sluice.proxy.config.Network;
import sluice.proxy.listen.CloudflareNetworks;

/**
 * Fuzz target: nginx's configurations, as {@code nginx -T} prints them, since what is included from there cannot be any file of this
 * machine. One is refused with a place, or it becomes a file that is TOML and has no other keys than the importer writes, whatever
 * stands in the names and folders of nginx's.
 */
public final class ImportFuzz {
    private static final String MARK = "# configuration file /etc/nginx/nginx.conf:\n";
    private static final Set<String> TABLES = Set.of(
            "access_log",
            "client_certificates",
            "files",
            "gate",
            "limits",
            "listen",
            "other",
            "other_sites",
            "rules",
            "server",
            "state",
            "upstreams");
    private static final Set<String> TOP = Set.of(
            "preset",
            "domains",
            "certificates",
            "self_signed",
            "root",
            "client_address",
            "proxy_protocol_from",
            "error_page",
            "gzip",
            "http2");
    private static final List<Network> CLOUDFLARE = CloudflareNetworks.load();

    private ImportFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        byte[] dump = (MARK + text).getBytes(StandardCharsets.ISO_8859_1);
        try {
            Configuration configuration = Configuration.of("-", dump, Path.of("/etc/nginx"));
            Importer.Result result = Importer.read(configuration, CLOUDFLARE, null, "https://203.0.113.9");
            toml(result.toml());
            result.findings().forEach(finding -> {
                if (finding.place().line() < 1 || finding.why().isBlank()) {
                    throw new AssertionError("a finding without a place or a reason: " + finding);
                }
            });
        } catch (NginxException | NoSingleSite refused) {
            if (refused.getMessage().isBlank()) {
                throw new AssertionError("refused, and nobody says why", refused);
            }
        }
    }

    private static void toml(String text) {
        JsonNode root;
        try {
            root = new TomlMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("what was written is no TOML:\n" + text, e);
        }
        Set<String> unknown = new TreeSet<>();
        root.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(TABLES);
        unknown.removeAll(TOP);
        if (!unknown.isEmpty()) {
            throw new AssertionError("keys that nobody writes: " + unknown + "\n" + text);
        }
    }
}
