package sluice.proxy.nginx;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The server blocks, sorted.
 *
 * @param site the Mastodon that Sluice is to serve
 * @param redirects those for the site's names in plain text, which send clients to https
 * @param others all that remain
 */
record Sites(Server site, List<Server> redirects, List<Server> others) {
    private static final Set<String> OF_A_REFUSAL = Set.of(
            "listen",
            "server_name",
            "return",
            "ssl_reject_handshake",
            "ssl_certificate",
            "ssl_certificate_key",
            "ssl_protocols",
            "ssl_ciphers",
            "access_log",
            "error_log",
            "http2",
            "ssl");

    /**
     * Finds the site.
     *
     * @param name one of its names, or null
     * @throws NoSingleSite when there is none, or when several could be meant
     */
    static Sites of(Context http, @Nullable String name) throws NoSingleSite {
        List<Server> servers =
                http.all("server").stream().map(block -> Server.of(block, http)).toList();
        Server site = site(servers, name);
        List<Server> redirects = new ArrayList<>();
        List<Server> others = new ArrayList<>();
        for (Server server : servers) {
            boolean plain = server.realNames().isEmpty()
                    ? PlainPort.onlyRedirects(server)
                    : server.realNames().stream().anyMatch(site.names()::contains)
                            && !server.tls()
                            && !server.isMastodon();
            if (!server.equals(site)) {
                (plain ? redirects : others).add(server);
            }
        }
        return new Sites(site, redirects, others);
    }

    private static Server site(List<Server> servers, @Nullable String name) throws NoSingleSite {
        // Streaming may have a name of its own; whoever names the site knows which block it is.
        List<Server> candidates = servers.stream()
                .filter(server ->
                        name == null ? server.isMastodon() : server.names().contains(name) && server.passesOn())
                .toList();
        if (candidates.isEmpty()) {
            String none = name == null
                    ? "no server block passes /api/v1/streaming on, so no Mastodon was found; --site NAME chooses one"
                    : "no server block for " + name + " passes requests on";
            throw new NoSingleSite(none + ". Server blocks: " + (servers.isEmpty() ? "none" : list(servers)));
        }
        // One that speaks TLS is the site; beside it the same Mastodon may be there in plain text, as an onion service.
        List<Server> tls = candidates.stream().filter(Server::tls).toList();
        List<Server> likely = tls.isEmpty() ? candidates : tls;
        boolean sameNames = likely.stream().map(Server::names).distinct().count() == 1;
        if (likely.size() > 1 && !sameNames) {
            throw new NoSingleSite(
                    "several server blocks are a Mastodon; choose one with --site NAME: " + list(likely));
        }
        // Two blocks with the same names, such as one for IPv6, cannot be told apart by name: the other is a finding.
        return likely.get(0);
    }

    /** Whether a server block does nothing but refuse. */
    static boolean refuses(Server server) {
        Directive answer = server.context().ownOne("return");
        Directive handshake = server.context().ownOne("ssl_reject_handshake");
        boolean no = (answer != null && answer.arg(0).matches("4\\d\\d"))
                || (handshake != null && handshake.arg(0).equals("on"));
        return no && server.context().own().stream().map(Directive::name).allMatch(OF_A_REFUSAL::contains);
    }

    private static String list(List<Server> servers) {
        return servers.stream()
                .map(server -> server.shown() + " (" + server.block().place() + ")")
                .collect(Collectors.joining("; "));
    }
}
