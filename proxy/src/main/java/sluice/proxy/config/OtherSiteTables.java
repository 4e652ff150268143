package sluice.proxy.config;

import static sluice.proxy.config.Quantities.shown;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.OtherSites.Site;

/** Reads {@code [[other_sites]]} and {@code [other]}. */
final class OtherSiteTables {
    private static final int MOST = 1000;

    private final List<String> domains;
    private final List<InetSocketAddress> https;
    private final List<InetSocketAddress> http;
    private final Set<String> seen = new HashSet<>();

    /** @param https where the proxy itself listens, as is {@code http} */
    OtherSiteTables(List<String> domains, List<InetSocketAddress> https, List<InetSocketAddress> http) {
        this.domains =
                domains.stream().map(domain -> domain.toLowerCase(Locale.ROOT)).toList();
        this.https = https;
        this.http = http;
    }

    OtherSites read(Table top) {
        List<Site> named = new ArrayList<>();
        for (Table table : top.tables("other_sites", MOST)) {
            named.add(site(table, names(table), true));
        }
        Table rest = top.table("other");
        Site any = site(rest, List.of(), top.has("other"));
        if (!top.has("other")) {
            return new OtherSites(List.copyOf(named), null);
        }
        if (domains.isEmpty() && !top.has("domains")) {
            top.report("domains", "is missing", "[other] takes every name that is not in it");
        }
        return new OtherSites(List.copyOf(named), any);
    }

    private Site site(Table table, List<String> names, boolean there) {
        InetSocketAddress toHttps = table.get("https", target());
        InetSocketAddress toHttp = table.get("http", target());
        boolean proxyProtocol = table.get("proxy_protocol", Forms.bool(), false);
        reportLoop(table, "https", toHttps);
        reportLoop(table, "http", toHttp);
        if (there && !table.has("https") && !table.has("http")) {
            table.reportWhole(
                    "has neither https nor http", "write where its server listens, such as \"127.0.0.1:8443\"");
        }
        return new Site(names, toHttps, toHttp, proxyProtocol);
    }

    private List<String> names(Table table) {
        if (!table.has("names")) {
            table.take("names");
            table.report("names", "is missing", "write a list such as [\"blog.example.org\", \"*.example.org\"]");
            return List.of();
        }
        List<String> names = table.list("names", name(), List.of());
        if (table.take("names") instanceof ArrayNode list && list.isEmpty()) {
            table.report("names", "is empty", "write a list such as [\"blog.example.org\"]");
        }
        for (String name : names) {
            if (domains.contains(name)) {
                table.report("names", "\"" + name + "\" stands in domains too", "leave it out of one of the two");
            } else if (!seen.add(name)) {
                table.report("names", "\"" + name + "\" stands twice", "each name can go to one server once");
            }
        }
        return names;
    }

    private static Form<String> name() {
        String right = "write a name such as \"blog.example.org\", or \"*.example.org\" for all that end so";
        Form<String> domain = Forms.domain();
        return value -> {
            String text = Forms.text(value, right);
            boolean star = text.startsWith("*.");
            try {
                String bare = domain.read(new TextNode(star ? text.substring(2) : text));
                return (star ? "*." : "") + bare.toLowerCase(Locale.ROOT);
            } catch (Mistake mistake) {
                throw new Mistake(shown(value) + " is not a name", right);
            }
        };
    }

    private static Form<InetSocketAddress> target() {
        Form<InetSocketAddress> address = Forms.socketAddress();
        return value -> {
            InetSocketAddress target = address.read(value);
            if (target.getPort() == 0 || target.getAddress().isAnyLocalAddress()) {
                throw new Mistake(
                        shown(value) + " cannot be connected to",
                        "write where the server is, such as \"127.0.0.1:8443\"");
            }
            return target;
        };
    }

    /** What is passed on to ourselves would come round for ever. */
    private void reportLoop(Table table, String key, @Nullable InetSocketAddress target) {
        if (target == null) {
            return;
        }
        for (List<InetSocketAddress> list : List.of(https, http)) {
            for (InetSocketAddress own : list) {
                InetAddress at = own.getAddress();
                boolean same = at.equals(target.getAddress())
                        || (at.isAnyLocalAddress() && target.getAddress().isLoopbackAddress());
                if (same && own.getPort() == target.getPort()) {
                    table.report(
                            key, "is where the proxy itself listens", "let the other server listen on another port");
                    return;
                }
            }
        }
    }
}
