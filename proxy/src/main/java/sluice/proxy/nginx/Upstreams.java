package sluice.proxy.nginx;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where {@code proxy_pass} leads to: an address, an {@code upstream} block, or a variable that {@code set} gave one of them. */
final class Upstreams {
    private static final Pattern URL =
            Pattern.compile("(https?)://(unix:[^:]+|[^/:\\[]+|\\[[^]]*])(:\\d+)?(?::?(/.*))?");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)}?");
    /** What says how connections are shared out among servers; with one server it changes nothing. */
    private static final Set<String> SHARING = Set.of(
            "least_conn",
            "ip_hash",
            "hash",
            "random",
            "least_time",
            "zone",
            "keepalive",
            "keepalive_timeout",
            "keepalive_requests",
            "keepalive_time",
            "queue",
            "sticky",
            "state",
            "resolver",
            "resolver_timeout");
    /** What says when nginx takes a server for dead; Sluice asks again each time, as with fail_timeout=0. */
    private static final Pattern HARMLESS_PARAMETER =
            Pattern.compile("(?:weight|max_fails|fail_timeout|max_conns|slow_start|service|route)=.*|resolve");

    private final Map<String, Directive> blocks = new HashMap<>();
    private final Report report;

    /**
     * A service of the site.
     *
     * @param service as it stands in proxy.toml
     * @param path what proxy_pass puts in place of the location's path, or an empty text
     * @param place where the address was found
     */
    record Target(String service, String path, Place place) {}

    Upstreams(Context http, Report report) {
        this.report = report;
        http.all("upstream").forEach(block -> blocks.put(block.arg(0), block));
    }

    /** Where this leads to, or null when that cannot be told; the report then says so. */
    @Nullable
    Target target(Directive pass, Context context) {
        String text = withVariables(pass.arg(0), context);
        Matcher url = URL.matcher(text);
        if (text.contains("$") || !url.matches()) {
            report.against(pass, "The importer cannot tell where this leads to.");
            return null;
        }
        String scheme = url.group(1);
        String host = url.group(2);
        String port = url.group(3) == null ? "" : url.group(3);
        String path = url.group(4) == null ? "" : url.group(4);
        Directive block = port.isEmpty() ? blocks.get(host) : null;
        if (scheme.equals("https")) {
            report.against(
                    pass, "nginx takes any certificate of the site here, Sluice verifies it: see server_name and ca.");
        }
        if (block == null) {
            return new Target(service(scheme, host + port), path, pass.place());
        }
        Directive server = server(block);
        return server == null ? null : new Target(service(scheme, server.arg(0)), path, server.place());
    }

    /** Whether this leads to one of these services; nothing is said of it. */
    boolean leadsTo(Directive pass, Context context, Set<String> services) {
        Matcher url = URL.matcher(withVariables(pass.arg(0), context));
        if (!url.matches()) {
            return false;
        }
        String host = url.group(2) + (url.group(3) == null ? "" : url.group(3));
        Directive block = blocks.get(host);
        if (block == null) {
            return services.contains(service(url.group(1), host));
        }
        return block.inside().stream()
                .filter(directive -> directive.is("server"))
                .anyMatch(server -> services.contains(service(url.group(1), server.arg(0))));
    }

    /** Replaces what {@code set} gave in this block or in one around it. */
    private static String withVariables(String text, Context context) {
        Matcher variable = VARIABLE.matcher(text);
        return variable.replaceAll(match -> {
            String value = match.group();
            for (Directive set : context.nearest("set")) {
                if (set.arg(0).equals("$" + match.group(1))) {
                    value = set.arg(1);
                }
            }
            return Matcher.quoteReplacement(value);
        });
    }

    /** The one to talk to. Sluice knows one for each service: of several the first is taken, and the others are findings. */
    private @Nullable Directive server(Directive block) {
        List<Directive> servers = block.inside().stream()
                .filter(directive -> directive.is("server"))
                .filter(directive -> !directive.args().contains("down"))
                .toList();
        if (servers.isEmpty()) {
            report.against(block, "There is no server in it, so nobody can tell where the site is.");
            return null;
        }
        Directive first = servers.stream()
                .filter(server -> !server.args().contains("backup"))
                .findFirst()
                .orElse(servers.get(0));
        for (Directive inside : block.inside()) {
            if (!inside.is("server")) {
                if (!SHARING.contains(inside.name())) {
                    report.against(inside, "The importer does not know what this changes for " + block.arg(0) + ".");
                }
            } else if (servers.contains(inside) && !inside.equals(first)) {
                report.against(
                        inside,
                        "Sluice talks to one server of " + block.arg(0) + ", " + first.arg(0)
                                + ": this one would get no connections, and that one all.");
            }
        }
        for (String parameter : first.args().subList(1, first.args().size())) {
            if (!HARMLESS_PARAMETER.matcher(parameter).matches() && !parameter.equals("backup")) {
                report.against(first, "The importer does not know " + parameter + ".");
            }
        }
        return first;
    }

    private static String service(String scheme, String address) {
        return address.startsWith("unix:") ? address : scheme + "://" + address;
    }
}
