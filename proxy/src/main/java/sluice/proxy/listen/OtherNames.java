package sluice.proxy.listen;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;

/** Whose connection it is, by the name that it is for. Immutable. */
public final class OtherNames {
    private final Set<String> ours = new HashSet<>();
    private final Map<String, OtherSites.Site> exact = new HashMap<>();
    /** By what names end in, the dot in front included. */
    private final Map<String, OtherSites.Site> endings = new HashMap<>();

    private final OtherSites.@Nullable Site any;

    OtherNames(List<String> domains, OtherSites others) {
        domains.forEach(domain -> ours.add(domain.toLowerCase(Locale.ROOT)));
        for (OtherSites.Site site : others.named()) {
            for (String name : site.names()) {
                if (name.startsWith("*")) {
                    endings.put(name.substring(1), site);
                } else {
                    exact.put(name, site);
                }
            }
        }
        any = others.any();
    }

    /**
     * Whether a request over TLS that came to us is for a server whose connections are passed on: a browser uses a connection for every
     * name that its certificate is good for (RFC 9113, 9.1.1), and ours may be good for other sites' names. An address is no name: who
     * asks for one names nobody in TLS, and would come here again.
     *
     * @return null when no connections with TLS are passed on
     */
    public static @Nullable Predicate<String> misdirected(ProxyConfig config) {
        OtherSites others = config.listen().others();
        if (!others.withHttps()) {
            return null;
        }
        OtherNames names = new OtherNames(config.domains(), others);
        return host -> {
            int port = host.lastIndexOf(':');
            String name = port > host.lastIndexOf(']') ? host.substring(0, port) : host;
            boolean address =
                    name.endsWith("]") || (!name.isEmpty() && Character.isDigit(name.charAt(name.length() - 1)));
            OtherSites.Site site = address ? null : names.of(name);
            return site != null && site.https() != null;
        };
    }

    /**
     * Whose connections for this name are; null for ours. The full name counts before the longest ending, as in nginx.
     *
     * @param name null when the client named none
     */
    OtherSites.@Nullable Site of(@Nullable String name) {
        if (name == null) {
            return null;
        }
        String host = name.toLowerCase(Locale.ROOT);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        if (ours.contains(host)) {
            return null;
        }
        OtherSites.Site site = exact.get(host);
        for (int dot = host.indexOf('.'); site == null && dot >= 0; dot = host.indexOf('.', dot + 1)) {
            site = endings.get(host.substring(dot));
        }
        return site == null ? any : site;
    }
}
