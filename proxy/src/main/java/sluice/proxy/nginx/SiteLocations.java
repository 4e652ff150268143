package sluice.proxy.nginx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.proxy.nginx.Upstreams.Target;

/** The locations of the site: which lead to its services, which are files, and whatever differs from what Sluice does. */
final class SiteLocations {
    /** Read here or elsewhere, with their values; all others are judged by what is known of them. */
    static final Set<String> READ = Set.of(
            "location",
            "proxy_pass",
            "proxy_set_header",
            "add_header",
            "try_files",
            "error_page",
            "root",
            "client_max_body_size",
            "proxy_read_timeout",
            "proxy_connect_timeout");

    private static final Map<String, Set<String>> PASSED_FIELDS = Map.of(
            "host", Set.of("$host", "$http_host"),
            "x-real-ip", Set.of("$remote_addr"),
            "x-forwarded-for", Set.of("$proxy_add_x_forwarded_for", "$remote_addr"),
            "x-forwarded-proto", Set.of("$scheme", "https"),
            "proxy", Set.of(""),
            "upgrade", Set.of("$http_upgrade"),
            "connection", Set.of("$connection_upgrade", "upgrade", "Upgrade", ""));

    private static final Set<String> OTHER_ANSWERS = Set.of(
            "return",
            "rewrite",
            "alias",
            "fastcgi_pass",
            "uwsgi_pass",
            "scgi_pass",
            "grpc_pass",
            "memcached_pass",
            "empty_gif",
            "stub_status",
            "perl",
            "js_content");

    private final Server site;
    private final Upstreams upstreams;
    private final Knowledge knowledge;
    private final Report report;
    private final ErrorPages pages;
    private @Nullable Target web;
    private @Nullable Target streaming;
    private Context webContext;

    /** @param pages reads error_page, and knows which locations are there for it alone */
    SiteLocations(Server site, Upstreams upstreams, Knowledge knowledge, Report report, ErrorPages pages) {
        this.pages = pages;
        this.site = site;
        this.upstreams = upstreams;
        this.knowledge = knowledge;
        this.report = report;
        this.webContext = site.context();
    }

    /** Where pages come from, or null. */
    @Nullable
    Target web() {
        return web;
    }

    @Nullable
    Target streaming() {
        return streaming;
    }

    /** The block that passes requests for pages on; the server block when there is none. */
    Context webContext() {
        return webContext;
    }

    /**
     * The block that requests for pages come to first. nginx measures a request's body against the bound that counts there, and not
     * against that of the named location behind.
     */
    Context entrance() {
        return Location.in(site.context()).stream()
                .filter(Location::isRoot)
                .findFirst()
                .map(Location::context)
                .orElse(site.context());
    }

    /** The value of Strict-Transport-Security on files, or an empty text: of the first block that has any. */
    String hsts() {
        Directive field = hstsField();
        return field == null ? "" : squeezed(field.arg(1));
    }

    /** Where it is said, or null. */
    @Nullable
    Directive hstsField() {
        return Stream.concat(
                        Stream.of(entrance()),
                        Location.below(site.context()).stream()
                                .filter(location -> Preset.isFolder(location.prefix()))
                                .map(Location::context))
                .flatMap(context -> context.nearest("add_header").stream())
                .filter(field -> field.arg(0).equalsIgnoreCase(Preset.HSTS))
                .findFirst()
                .orElse(null);
    }

    /** Whether any path is served from root. */
    boolean servesFiles() {
        return site.context().ownOne("try_files") != null
                || site.locations().stream()
                        .anyMatch(location -> location.context().ownOne("proxy_pass") == null
                                && (location.context().ownOne("try_files") != null
                                        || Preset.isFolder(location.prefix())));
    }

    void read() {
        List<Location> all = site.locations();
        Location page = all.stream()
                .filter(location -> location.context().ownOne("proxy_pass") != null)
                .filter(location -> location.isRoot() || location.path().equals(fallback()))
                .findFirst()
                .orElse(null);
        if (page == null) {
            report.against(site.block(), "The importer does not see where nginx asks for the site's pages.");
        } else {
            webContext = page.context();
            web = target(page);
        }
        for (Location location : all) {
            if (location.isStreaming() && location.context().ownOne("proxy_pass") != null && streaming == null) {
                streaming = target(location);
            }
        }
        if (streaming == null) {
            report.against(
                    site.block(),
                    "No location passes /api/v1/streaming on; Sluice would ask for it where pages come from.");
        }
        pages.read();
        all.stream().filter(location -> !pages.isFor(location)).forEach(this::judge);
        if (site.context().ownOne("try_files") != null) {
            fields(site.context(), site.block(), "/");
        }
    }

    /** The named location that try_files of the root leads to when there is no such file. */
    private String fallback() {
        Directive files = entrance().ownOne("try_files");
        String last = files == null ? "" : files.arg(files.args().size() - 1);
        return last.startsWith("@") ? last.substring(1) : "";
    }

    private @Nullable Target target(Location location) {
        Directive pass = Objects.requireNonNull(location.context().ownOne("proxy_pass"));
        return upstreams.target(pass, location.context());
    }

    private void judge(Location location) {
        for (Directive directive : location.context().own()) {
            if (!READ.contains(directive.name())) {
                knowledge.judge(directive, report);
            }
        }
        pages.within(location.context());
        same(
                location,
                "client_max_body_size",
                "Sluice has one bound for all bodies, and takes that of the site's pages.");
        same(location, "root", "Sluice has one folder with files, and takes that of the whole site.");
        Directive pass = location.context().ownOne("proxy_pass");
        if (pass != null) {
            proxied(location, pass);
        } else if (!answersOtherwise(location)) {
            files(location);
        }
    }

    /** Such a directive has been told already; there is nothing to compare then. */
    private static boolean answersOtherwise(Location location) {
        return location.context().own().stream()
                .map(Directive::name)
                .anyMatch(name -> OTHER_ANSWERS.contains(name) || name.startsWith("content_by_lua"));
    }

    private void same(Location location, String name, String why) {
        Directive own = location.context().ownOne(name);
        Directive all =
                name.equals("root") ? site.context().one(name) : entrance().one(name);
        if (own != null && (all == null || !own.args().equals(all.args()))) {
            report.against(own, why);
        }
    }

    private void proxied(Location location, Directive pass) {
        Target target = upstreams.target(pass, location.context());
        Target right = location.isStreaming() ? streaming : web;
        if (target == null) {
            return;
        }
        if (right == null || !target.service().equals(right.service())) {
            report.against(
                    location.block(),
                    "nginx asks " + target.service() + " here, Sluice "
                            + (right == null ? "does not know whom to ask." : "would ask " + right.service() + "."));
        }
        if (Preset.isFolder(location.prefix()) && servesFiles()) {
            report.against(
                    pass, "nginx asks the site here; Sluice serves files of root, and answers 404 for what is none.");
        }
        if (!target.path().isEmpty() && !(target.path().equals("/") && location.isRoot())) {
            report.against(pass, "nginx changes the path of requests here, Sluice passes on the path that it got.");
        }
        for (Directive field : location.context().nearest("proxy_set_header")) {
            Set<String> values = PASSED_FIELDS.getOrDefault(field.arg(0).toLowerCase(Locale.ROOT), Set.of());
            if (!values.contains(field.arg(1))) {
                report.against(field, "nginx sends the site this field, Sluice does not, or not with this value.");
            }
        }
        for (Directive field : location.context().nearest("add_header")) {
            added(field, Map.of(Preset.HSTS.toLowerCase(Locale.ROOT), hsts()));
        }
        Directive patience = location.context().ownOne("proxy_read_timeout");
        Directive usual = webContext.one("proxy_read_timeout");
        if (patience != null && (usual == null || !usual.args().equals(patience.args()))) {
            report.note(
                    patience,
                    "Sluice has one bound for all answers, upstream_read; Mastodon's streams say something every 30 s.");
        }
    }

    /** A location without proxy_pass: its files, and the site or 404 where there is none. */
    private void files(Location location) {
        Directive tries = location.context().ownOne("try_files");
        if (tries != null && !tries.arg(0).equals("$uri")) {
            report.against(tries, "nginx looks for other files than those of the path here.");
            return;
        }
        String last = tries == null ? "" : tries.arg(tries.args().size() - 1);
        boolean asksSite = last.startsWith("@") && last.substring(1).equals(fallback());
        if (tries != null && last.startsWith("@") && !asksSite) {
            report.against(tries, "What is no file goes elsewhere than the site's other pages here.");
        } else if (location.prefix().isEmpty() && !location.isNamed()) {
            report.against(
                    location.block(), "Sluice knows no regular expressions; these paths would be like any other.");
        } else if (tries != null && asksSite && Preset.isFolder(location.prefix())) {
            report.against(tries, "nginx asks the site for what is no file here; Sluice answers 404.");
        } else if (!asksSite && !mayEndHere(location)) {
            report.against(location.block(), "nginx answers 404 here where there is no file; Sluice asks the site.");
        }
        if (!location.isNamed() && !location.isAcme()) {
            fields(location.context(), location.block(), location.prefix());
        }
    }

    /** Folders of files only, single files (the site has nothing under their names), challenges. */
    private static boolean mayEndHere(Location location) {
        return Preset.isFolder(location.prefix())
                || location.modifier().equals("=")
                || location.isAcme()
                || location.isNamed();
    }

    private void fields(Context context, Directive block, String prefix) {
        Map<String, String> right = new LinkedHashMap<>();
        Preset.fields(prefix, hsts()).forEach((name, value) -> right.put(name.toLowerCase(Locale.ROOT), value));
        Map<String, String> missing = new LinkedHashMap<>(right);
        for (Directive field : context.nearest("add_header")) {
            added(field, right);
            missing.remove(field.arg(0).toLowerCase(Locale.ROOT));
        }
        missing.forEach((name, value) ->
                report.against(block, "Sluice sends " + name + ": " + value + " with these files, nginx does not."));
    }

    private void added(Directive field, Map<String, String> right) {
        String name = field.arg(0).toLowerCase(Locale.ROOT);
        String expected = right.get(name);
        if (field.arg(1).contains("$upstream_cache_status") || field.arg(1).isEmpty()) {
            return;
        }
        if (name.equals("alt-svc")) {
            report.note(field, "Sluice does not speak HTTP/3 yet, so it does not offer it.");
        } else if (expected == null) {
            report.against(field, "nginx adds this field to answers, Sluice does not.");
        } else if (!squeezed(expected).equals(squeezed(field.arg(1)))) {
            report.against(field, "Sluice sends " + field.arg(0) + ": " + expected + " here.");
        } else if (field.arg(2).equals("always")) {
            report.note(field, "With always, nginx sends this with errors too; Sluice does not.");
        }
    }

    private static String squeezed(String value) {
        return value.strip().replaceAll("\\s+", " ");
    }
}
