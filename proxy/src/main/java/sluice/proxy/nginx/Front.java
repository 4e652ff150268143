package sluice.proxy.nginx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;

/** What clients see first: names, addresses, certificates. */
final class Front {
    private static final String NAME = "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?";
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");
    private static final Set<String> QUIET_PARAMETERS = Set.of(
            "ssl",
            "http2",
            "proxy_protocol",
            "spdy",
            "default_server",
            "default",
            "bind",
            "reuseport",
            "deferred",
            "quic",
            "http3");

    private final Report report;
    private final Draft draft;

    Front(Report report, Draft draft) {
        this.report = report;
        this.draft = draft;
    }

    /** server_name to domains. */
    void names(Server site) {
        List<String> names = new ArrayList<>();
        List<Directive> lines = site.context().all("server_name");
        for (Directive line : lines) {
            for (String name : line.args()) {
                if (name.matches(NAME)) {
                    names.add(name);
                } else if (!name.isEmpty() && !name.equals("_")) {
                    report.against(line, "Sluice knows whole names only, and " + name + " stands for several.");
                }
            }
        }
        if (names.isEmpty()) {
            report.against(lines.isEmpty() ? site.block() : lines.get(0), "There is no name of the site in it.");
            draft.missing("", "domains", "[\"example.social\"]", "the names of the site");
            return;
        }
        draft.put("", "domains", Draft.list(names), "from " + lines.get(0).place());
    }

    /** The lines that count: those of the site's server block, and of the one on port 80 that only sends to https. */
    void listen(Server site, List<Server> plain) {
        Map<String, Place> https = new LinkedHashMap<>();
        Map<String, Place> http = new LinkedHashMap<>();
        for (ListenLine line : site.listens()) {
            if (site.tls(line)) {
                addresses(line, https);
            } else {
                if (site.tls()) {
                    report.against(
                            line.directive(),
                            "nginx serves the site in plain text here; Sluice sends clients of such an address to https.");
                }
                addresses(line, http);
            }
        }
        plain.forEach(server -> server.listens().forEach(line -> addresses(line, http)));
        draft.put("listen", "https", list(https), from(https));
        draft.put("listen", "http", list(http), from(http));
        if (https.isEmpty()) {
            report.against(
                    site.block(),
                    "There is no TLS here; behind Sluice the site would hear that clients came by http, and send them to https for ever.");
        }
    }

    private void addresses(ListenLine line, Map<String, Place> into) {
        for (String parameter : line.parameters()) {
            if (!QUIET_PARAMETERS.contains(parameter) && !parameter.contains("=")) {
                report.against(line.directive(), "The importer does not know " + parameter + ".");
            }
        }
        if (line.quic()) {
            report.note(
                    line.directive(), "Sluice does not speak HTTP/3 yet; browsers go back to HTTP/2 by themselves.");
            return;
        }
        String host = line.host();
        if (line.unix()) {
            report.against(line.directive(), "Sluice serves clients on TCP addresses only.");
        } else if (Network.address(host.replaceAll("[\\[\\]]", "")) == null) {
            report.against(line.directive(), "Sluice listens on addresses; write the one that this name stands for.");
        } else {
            boolean both = line.parameters().contains("ipv6only=off") && host.equals("[::]");
            into.putIfAbsent(host + ":" + line.port(), line.directive().place());
            if (both) {
                into.putIfAbsent("0.0.0.0:" + line.port(), line.directive().place());
            }
        }
    }

    /** An address that a wildcard of the same port covers needs no socket of its own; nginx gives it none either. */
    private static String list(Map<String, Place> addresses) {
        return Draft.list(addresses.keySet().stream()
                .filter(address -> {
                    String wildcard = (address.startsWith("[") ? "[::]" : "0.0.0.0")
                            + address.substring(address.lastIndexOf(':'));
                    return address.equals(wildcard) || !addresses.containsKey(wildcard);
                })
                .toList());
    }

    private static String from(Map<String, Place> addresses) {
        return addresses.isEmpty()
                ? "there is no listen for it"
                : addresses.values().stream()
                        .distinct()
                        .map(Place::toString)
                        .collect(Collectors.joining(", ", "from ", ""));
    }

    /** Folders with the two files that Sluice reads, else a finding. */
    void certificates(Server site) {
        if (!site.tls()) {
            return;
        }
        List<Directive> chains = site.context().nearest("ssl_certificate");
        List<Directive> keys = site.context().nearest("ssl_certificate_key");
        List<String> folders = new ArrayList<>();
        for (int i = 0; i < chains.size(); i++) {
            String folder =
                    i < keys.size() ? folder(chains.get(i).arg(0), keys.get(i).arg(0)) : null;
            if (folder == null) {
                report.against(
                        chains.get(i),
                        "Sluice reads fullchain.pem and privkey.pem from one folder: make one with links to this file and to its key, and name it in certificates.");
            } else if (!folders.contains(folder)) {
                folders.add(folder);
            }
        }
        if (chains.isEmpty()) {
            report.against(site.block(), "There is TLS, but no ssl_certificate.");
        }
        if (folders.isEmpty()) {
            draft.missing(
                    "",
                    "certificates",
                    "[\"/etc/letsencrypt/live/example.social\"]",
                    "a folder with fullchain.pem and privkey.pem");
        } else {
            draft.put(
                    "",
                    "certificates",
                    Draft.list(folders),
                    "from " + chains.get(0).place());
        }
        protocols(site.context().one("ssl_protocols"));
    }

    private static @Nullable String folder(String chain, String key) {
        boolean usual = chain.startsWith("/") && !chain.contains("$") && chain.endsWith("/fullchain.pem");
        Path folder = Path.of(chain).getParent();
        return usual
                        && folder != null
                        && key.equals(folder.resolve("privkey.pem").toString())
                ? folder.toString()
                : null;
    }

    private void protocols(@Nullable Directive given) {
        if (given == null) {
            return;
        }
        Set<String> named = new HashSet<>(given.args());
        if (!PROTOCOLS.containsAll(named)) {
            report.against(
                    given, "Sluice speaks TLS 1.2 and 1.3; clients that know older ones only could not come in.");
        } else if (!named.containsAll(PROTOCOLS)) {
            report.against(given, "Sluice speaks both TLS 1.2 and 1.3, and cannot be told to leave one out.");
        }
    }
}
