package sluice.proxy.nginx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;
import sluice.proxy.nginx.Upstreams.Target;

/** Makes a {@code proxy.toml} of nginx's configuration of a Mastodon, and says what would be lost. */
public final class Importer {
    private static final String FILES = "files";
    private static final List<String> TABLES = List.of(
            "", "listen", "upstreams.old", "upstreams.new", FILES, "client_certificates", "access_log", "limits");
    private static final Set<String> OF_HTTP = Set.of("http", "server", "upstream");
    private static final Set<String> READ = Set.of(
            "listen",
            "server_name",
            "ssl",
            "ssl_certificate",
            "ssl_certificate_key",
            "ssl_protocols",
            "keepalive_timeout",
            "send_timeout",
            "client_body_timeout",
            "client_header_timeout",
            "large_client_header_buffers",
            "http2_max_concurrent_streams",
            "access_log",
            "gzip",
            "gzip_types",
            "ssl_verify_client",
            "ssl_client_certificate",
            "set_real_ip_from",
            "real_ip_header",
            "real_ip_recursive");

    private final Configuration configuration;
    private final List<Network> cloudflare;
    private final Knowledge knowledge = Knowledge.load();
    private final Report report = new Report();
    private final Draft draft = new Draft();

    /**
     * What came of it.
     *
     * @param toml the text of {@code proxy.toml}
     * @param findings those against the import first
     */
    public record Result(String toml, List<Finding> findings) {}

    private Importer(Configuration configuration, List<Network> cloudflare) {
        this.configuration = configuration;
        this.cloudflare = cloudflare;
    }

    /**
     * Reads the configuration of one site.
     *
     * @param cloudflare the networks that Sluice knows as Cloudflare's
     * @param name which site, or null when there is only one Mastodon
     * @param next where the new host answers, or null when that is to be filled in later
     * @throws NoSingleSite when there is no such site, or when several could be meant
     */
    public static Result read(
            Configuration configuration, List<Network> cloudflare, @Nullable String name, @Nullable String next)
            throws NoSingleSite {
        return new Importer(configuration, cloudflare).read(name, next);
    }

    private Result read(@Nullable String name, @Nullable String next) throws NoSingleSite {
        Context http = new Context(http(), null);
        Sites sites = Sites.of(http, name);
        Server site = sites.site();
        for (Context context : List.of(http, site.context())) {
            for (Directive directive : context.own()) {
                if (!OF_HTTP.contains(directive.name())
                        && !READ.contains(directive.name())
                        && !SiteLocations.READ.contains(directive.name())) {
                    knowledge.judge(directive, report);
                }
            }
        }
        Upstreams upstreams = new Upstreams(http, report);
        SiteLocations locations =
                new SiteLocations(site, upstreams, knowledge, report, new ErrorPages(site, report, draft));
        locations.read();
        draft.put(
                "",
                "preset",
                "\"mastodon\"",
                "the server block at " + site.block().place());
        Front front = new Front(report, draft);
        front.names(site);
        front.certificates(site);
        String root = root(site, locations.servesFiles());
        List<ListenLine> listens = new ArrayList<>(site.listens());
        sites.redirects().forEach(server -> listens.addAll(server.listens()));
        new ClientNetworks(cloudflare, report, draft).read(site.context(), listens);
        front.listen(site, sites.redirects());
        old(locations);
        next(next, site);
        new Bounds(report, draft).read(site.context(), locations.entrance(), locations.webContext());
        PlainPort port = new PlainPort(knowledge, report, draft);
        sites.redirects().forEach(server -> port.read(server, root));
        rest(http, site, locations, root);
        List<String> tables = new ArrayList<>(TABLES);
        tables.addAll(new OtherServers(site, upstreams, services(locations), report, draft)
                .read(sites.redirects(), sites.others()));
        if (!configuration.whole()) {
            report.note(
                    site.block(),
                    "Only a part of the configuration was read: other sites of this nginx were not seen. Give nginx.conf, or the output of nginx -T.");
        }
        return new Result(draft.text(header(site), tables), report.findings());
    }

    /** What stands in http blocks, and what stands outside of every block because only a part of the files was given. */
    private List<Directive> http() {
        List<Directive> all = new ArrayList<>();
        for (Directive directive : configuration.top()) {
            if (directive.is("http")) {
                all.addAll(directive.inside());
            } else {
                all.add(directive);
            }
        }
        return all;
    }

    private @Nullable String root(Server site, boolean used) {
        Directive root = site.context().one("root");
        if (root == null || !used) {
            return null;
        }
        if (!root.arg(0).startsWith("/") || root.arg(0).contains("$")) {
            report.against(root, "Sluice needs the absolute name of one folder.");
            return null;
        }
        draft.put("", "root", Draft.quoted(root.arg(0)), "from " + root.place());
        return root.arg(0);
    }

    private void old(SiteLocations locations) {
        Target web = locations.web();
        Target streaming = locations.streaming();
        if (web == null) {
            draft.missing("upstreams.old", "web", "\"http://127.0.0.1:3000\"", "where the site listens on this host");
        } else {
            draft.put("upstreams.old", "web", Draft.quoted(web.service()), "from " + web.place());
        }
        if (streaming != null) {
            draft.put("upstreams.old", "streaming", Draft.quoted(streaming.service()), "from " + streaming.place());
        }
    }

    private void next(@Nullable String next, Server site) {
        String table = "upstreams.new";
        if (next == null) {
            draft.missing(table, "web", "\"https://203.0.113.9\"", "where the new host answers");
            draft.missing(
                    table, "server_name", "\"example.social\"", "the name to ask it for and to verify, with https");
            return;
        }
        draft.put(table, "web", Draft.quoted(next), "as told");
        List<String> names = site.realNames();
        if (next.startsWith("https:") && !names.isEmpty()) {
            draft.put(table, "server_name", Draft.quoted(names.get(0)), "the name to ask it for and to verify");
        }
    }

    /** What it takes to be as nginx was, beside the requests themselves. */
    private void rest(Context http, Server site, SiteLocations locations, @Nullable String root) {
        Directive field = locations.hstsField();
        String hsts = locations.hsts();
        if (locations.servesFiles() && !hsts.equals(Preset.HSTS_VALUE)) {
            draft.put(
                    FILES,
                    "hsts",
                    Draft.quoted(hsts),
                    field == null ? "nginx sends none with files" : "from " + field.place());
        }
        Set<String> links = root == null ? Set.of() : Links.outOf(Path.of(root));
        if (!links.isEmpty()) {
            draft.put(
                    FILES, "links", Draft.list(List.copyOf(links)), "links in root lead there, and nginx follows them");
        }
        Extras extras = new Extras(report, draft);
        extras.gzip(locations.webContext());
        extras.clients(site.context());
        extras.accessLog(http, site.context());
    }

    private static Set<String> services(SiteLocations locations) {
        return Stream.of(locations.web(), locations.streaming())
                .flatMap(Stream::ofNullable)
                .map(Target::service)
                .collect(Collectors.toSet());
    }

    private static String header(Server site) {
        return "Sluice's proxy, as nginx served " + site.shown() + ". Made by sluice-proxy import-nginx.\n"
                + "Behind every value stands where it came from; everything else has its default.\n"
                + "Try it:  sluice-proxy check --config FILE";
    }
}
