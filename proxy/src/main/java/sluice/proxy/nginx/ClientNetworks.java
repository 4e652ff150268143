package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import sluice.proxy.config.Network;

/** The realip module's directives: which proxies stand before nginx, and where they say who the client is. */
final class ClientNetworks {
    private static final String KEY = "client_address";
    private static final String PROXY_PROTOCOL = "proxy_protocol";
    private static final String CLOUDFLARE_FIELD = "cf-connecting-ip";

    private final List<Network> cloudflare;
    private final Report report;
    private final Draft draft;

    /** @param cloudflare the networks that Sluice knows as Cloudflare's */
    ClientNetworks(List<Network> cloudflare, Report report, Draft draft) {
        this.cloudflare = cloudflare;
        this.report = report;
        this.draft = draft;
    }

    /** @param listens all lines of the site's, on both ports */
    void read(Context server, List<ListenLine> listens) {
        List<ListenLine> told =
                listens.stream().filter(ListenLine::proxyProtocol).toList();
        if (!told.isEmpty()) {
            proxyProtocol(server, listens, told);
            return;
        }
        List<Directive> from = server.nearest("set_real_ip_from");
        Directive header = server.one("real_ip_header");
        if (from.isEmpty()) {
            draft.put(
                    "",
                    KEY,
                    "\"direct\"",
                    header == null
                            ? "no set_real_ip_from: clients connect by themselves"
                            : header.place() + " has no set_real_ip_from, so nginx does not use it");
            return;
        }
        Directive first = from.get(0);
        // Without real_ip_header nginx reads X-Real-IP.
        String field = header == null ? "x-real-ip" : header.arg(0).toLowerCase(Locale.ROOT);
        Directive named = header == null ? first : header;
        switch (field) {
            case CLOUDFLARE_FIELD -> cloudflare(from, first);
            case "x-forwarded-for" -> {
                trusted(networks(from), first);
                Directive recursive = server.one("real_ip_recursive");
                if (recursive == null || !recursive.arg(0).equals("on")) {
                    report.note(
                            named,
                            "nginx takes the last address without real_ip_recursive; Sluice the last one that is not trusted.");
                }
            }
            case PROXY_PROTOCOL -> unreadable(named, "no listen takes the PROXY protocol");
            default -> unreadable(named, "Sluice does not read the client's address from " + field);
        }
    }

    /** Each connection begins with a header that names the client; Sluice then takes no connection without, on any of its ports. */
    private void proxyProtocol(Context server, List<ListenLine> listens, List<ListenLine> told) {
        ListenLine first = told.get(0);
        draft.put("", KEY, "\"proxy-protocol\"", "from " + first.directive().place());
        listens.stream()
                .filter(line -> !line.proxyProtocol() && !line.quic())
                .forEach(
                        line -> report.against(
                                line.directive(),
                                "nginx takes connections without the PROXY protocol here; Sluice wants it on all of its ports, or on none."));
        Directive header = server.one("real_ip_header");
        List<Network> from = networks(server.nearest("set_real_ip_from"));
        if (header == null || !header.arg(0).equalsIgnoreCase(PROXY_PROTOCOL) || from.isEmpty()) {
            report.against(
                    first.directive(),
                    "nginx takes the PROXY protocol from everybody here, and the site is not told the address in it;"
                            + " Sluice takes it from proxy_protocol_from only, and tells the site.");
            draft.missing("", "proxy_protocol_from", "[\"10.0.0.0/8\"]", "the balancers that connect");
            return;
        }
        draft.put(
                "",
                "proxy_protocol_from",
                Draft.list(from.stream().map(Network::toString).toList()),
                "from " + server.nearest("set_real_ip_from").get(0).place());
    }

    private void unreadable(Directive header, String why) {
        report.against(
                header,
                why
                        + ": every client would have the address of the proxy before it, and Mastodon's limits count by address.");
        draft.put("", KEY, "\"direct\"", "see " + header.place());
    }

    private void cloudflare(List<Directive> from, Directive first) {
        List<Network> others = new ArrayList<>();
        List<Directive> lines = new ArrayList<>();
        for (Directive line : from) {
            networks(List.of(line)).stream()
                    .filter(network -> !isCloudflare(network))
                    .forEach(network -> {
                        others.add(network);
                        lines.add(line);
                    });
        }
        if (lines.size() == from.size() && !others.isEmpty()) {
            report.against(
                    first,
                    "Sluice takes CF-Connecting-IP from Cloudflare's own networks only; X-Forwarded-For, which Cloudflare sends as well, is read from these instead.");
            trusted(others, first);
            return;
        }
        lines.forEach(line -> report.against(
                line, "This is no network of Cloudflare's; from anywhere else Sluice does not take CF-Connecting-IP."));
        draft.put("", KEY, "\"cloudflare\"", "CF-Connecting-IP, from " + first.place());
    }

    private void trusted(List<Network> networks, Directive first) {
        if (networks.isEmpty()) {
            draft.put("", KEY, "\"direct\"", "nothing usable in " + first.place());
            return;
        }
        draft.put(
                "",
                KEY,
                Draft.list(networks.stream().map(Network::toString).toList()),
                "X-Forwarded-For, from " + first.place());
    }

    private List<Network> networks(List<Directive> from) {
        List<Network> networks = new ArrayList<>();
        for (Directive line : from) {
            try {
                Network network = Network.parse(line.arg(0));
                networks.add(network);
                if (network.prefix() == 0) {
                    report.against(line, "This trusts everybody: any client can say that it has another address.");
                }
            } catch (IllegalArgumentException e) {
                report.against(line, "Sluice cannot trust this: " + e.getMessage() + ".");
            }
        }
        return networks;
    }

    private boolean isCloudflare(Network network) {
        return cloudflare.stream()
                .anyMatch(known -> known.prefix() <= network.prefix() && known.contains(network.base()));
    }
}
