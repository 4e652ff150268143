package sluice.proxy;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.listen.TlsServer;

/** A configuration in a few lines, for people. */
final class Summary {
    private final ProxyConfig config;

    Summary(ProxyConfig config) {
        this.config = config;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("site: " + String.join(", ", config.domains()) + " ("
                + config.preset().name().toLowerCase(Locale.ROOT) + "), clients: "
                + config.clientAddress().kind().name().toLowerCase(Locale.ROOT));
        lines.add("https: " + addresses(config.listen().https()));
        lines.add("http: " + addresses(config.listen().http()));
        config.listen().others().named().forEach(site -> lines.add("passed on: " + passed(site)));
        OtherSites.Site any = config.listen().others().any();
        if (any != null) {
            lines.add("passed on: " + passed(any));
        }
        lines.add("admin: "
                + Stream.concat(
                                config.listen().adminSockets().stream().map(path -> "unix:" + path),
                                config.listen().adminAddresses().stream().map(Summary::address))
                        .collect(Collectors.joining(", ")));
        lines.add("old: " + upstream(config.upstreams().old()));
        lines.add("new: " + upstream(config.upstreams().next()));
        lines.add("active at the very first start: " + config.upstreams().active());
        lines.add("error page: " + (config.errorPage() == null ? "the proxy's own" : config.errorPage()));
        lines.add("rules: " + config.rules().size() + " of its own, then those of the preset");
        lines.add("state: " + config.state().directory());
        lines.addAll(warnings().stream().map(warning -> "warning: " + warning).toList());
        return lines;
    }

    /** What is right but may surprise. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (config.listen().https().isEmpty()) {
            warnings.add("listen.https is empty: clients are served in plain text on listen.http");
        }
        warnings.addAll(TlsServer.warnings(config, Instant.now()));
        return warnings;
    }

    private static String passed(OtherSites.Site site) {
        return (site.names().isEmpty() ? "every other name" : String.join(", ", site.names()))
                + Stream.of("https", "http")
                        .map(scheme -> {
                            InetSocketAddress target = scheme.equals("https") ? site.https() : site.http();
                            return target == null ? "" : ", " + scheme + " to " + address(target);
                        })
                        .collect(Collectors.joining())
                + (site.proxyProtocol() ? ", with PROXY protocol" : "");
    }

    private static String upstream(ProxyConfig.Upstream upstream) {
        return upstream.web().equals(upstream.streaming())
                ? upstream.web().toString()
                : upstream.web() + ", streaming " + upstream.streaming();
    }

    private static String addresses(List<InetSocketAddress> addresses) {
        return addresses.isEmpty()
                ? "none"
                : addresses.stream().map(Summary::address).collect(Collectors.joining(", "));
    }

    private static String address(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
