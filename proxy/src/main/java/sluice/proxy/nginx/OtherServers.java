package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The other server blocks of the same nginx: Sluice passes connections for their names on to it, once it listens on other ports than
 * Sluice; those on ports of their own it leaves alone.
 */
final class OtherServers {
    private static final String HTTPS = "127.0.0.1:8443";
    private static final String HTTP = "127.0.0.1:8080";
    private static final String NAME = "(\\*\\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?";
    private static final String EVERY_OTHER = "";

    private final Server site;
    private final Upstreams upstreams;
    private final Set<String> services;
    private final Report report;
    private final Draft draft;
    private final Set<Integer> ports = new LinkedHashSet<>();
    /** For each name the keys of its table; the empty one is every other name. */
    private final Map<String, Set<String>> passed = new LinkedHashMap<>();

    /** @param services where the site itself is: whoever else leads there leads past the gate */
    OtherServers(Server site, Upstreams upstreams, Set<String> services, Report report, Draft draft) {
        this.site = site;
        this.upstreams = upstreams;
        this.services = services;
        this.report = report;
        this.draft = draft;
    }

    /** Writes what is to be passed on, and returns the names of the tables. */
    List<String> read(List<Server> redirects, List<Server> others) {
        site.listens().forEach(line -> ports.add(line.port()));
        redirects.forEach(server -> server.listens().forEach(line -> ports.add(line.port())));
        others.forEach(this::read);
        Map<String, List<String>> byKeys = new LinkedHashMap<>();
        passed.forEach((name, keys) -> {
            if (!name.equals(EVERY_OTHER)) {
                byKeys.computeIfAbsent(String.join(" ", keys), any -> new ArrayList<>())
                        .add(name);
            }
        });
        List<String> tables = new ArrayList<>();
        byKeys.forEach((keys, names) -> {
            String table = "other_sites#" + (tables.size() + 1);
            tables.add(table);
            draft.put(table, "names", Draft.list(names), "other sites of the same nginx");
            targets(table, Set.of(keys.split(" ", -1)));
        });
        Set<String> any = passed.get(EVERY_OTHER);
        if (any != null) {
            tables.add("other");
            targets("other", any);
        }
        return tables;
    }

    private void targets(String table, Set<String> keys) {
        if (keys.contains("https")) {
            draft.put(table, "https", Draft.quoted(HTTPS), "in nginx: listen " + HTTPS + " ssl proxy_protocol;");
        }
        if (keys.contains("http")) {
            draft.put(table, "http", Draft.quoted(HTTP), "in nginx: listen " + HTTP + " proxy_protocol;");
        }
        draft.put(
                table,
                "proxy_protocol",
                "true",
                "in nginx: set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol;");
    }

    private void read(Server server) {
        if (Sites.refuses(server)) {
            report.note(
                    server.block(),
                    "nginx refuses requests for " + server.shown()
                            + "; Sluice passes them to the site, and Mastodon refuses what it does not know.");
            return;
        }
        if (leadsToTheSite(server)) {
            report.against(
                    server.block(),
                    "nginx leads " + server.shown()
                            + " to the same site past Sluice: what is written there would not wait while the site moves.");
            return;
        }
        List<ListenLine> taken = server.listens().stream()
                .filter(line -> !line.unix() && ports.contains(line.port()))
                .toList();
        if (taken.isEmpty()) {
            report.note(
                    server.block(),
                    "nginx serves " + server.shown()
                            + " on a port of its own, which Sluice does not take: leave it running.");
            return;
        }
        Set<String> keys = new LinkedHashSet<>();
        taken.forEach(line -> keys.add(server.tls(line) ? "https" : "http"));
        for (String name : names(server)) {
            passed.computeIfAbsent(name, any -> new LinkedHashSet<>()).addAll(keys);
        }
        report.against(
                server.block(),
                "nginx serves " + server.shown() + " on ports that Sluice takes. Sluice passes such connections on to "
                        + String.join(
                                " and ",
                                keys.stream()
                                        .map(key -> key.equals("https") ? HTTPS : HTTP)
                                        .toList())
                        + ": let nginx listen there first, instead of here; see other_sites.");
    }

    private List<String> names(Server server) {
        List<String> names = new ArrayList<>();
        for (Directive line : server.context().all("server_name")) {
            for (String name : line.args()) {
                if (name.startsWith(".") && name.substring(1).matches(NAME)) {
                    names.add(name.substring(1));
                    names.add("*" + name);
                } else if (name.matches(NAME)) {
                    names.add(name);
                } else if (!name.isEmpty() && !name.equals("_")) {
                    report.against(line, "Sluice cannot tell by " + name + " which connections to pass on.");
                }
            }
        }
        if (server.realNames().isEmpty()) {
            names.add(EVERY_OTHER);
        }
        names.removeIf(name -> site.names().contains(name));
        return names;
    }

    private boolean leadsToTheSite(Server server) {
        return server.locations().stream()
                .map(Location::context)
                .filter(context -> context.ownOne("proxy_pass") != null)
                .anyMatch(context -> {
                    Directive pass = context.ownOne("proxy_pass");
                    return pass != null && upstreams.leadsTo(pass, context, services);
                });
    }
}
