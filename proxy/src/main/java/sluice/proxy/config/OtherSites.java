package sluice.proxy.config;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sites of others that share the addresses with ours: connections for their names are passed on untouched.
 *
 * @param named by the names that they serve
 * @param any where connections for every other name go that is not one of our domains; null: they are ours
 */
public record OtherSites(List<Site> named, @Nullable Site any) {
    public static final OtherSites NONE = new OtherSites(List.of(), null);

    /**
     * One other server. At least one of the two addresses is there; without the other one such connections are ours.
     *
     * @param names in lower case; one with {@code *.} in front is for all names that end so, as nginx has it
     * @param https where connections with TLS go
     * @param http where those in plain text go
     * @param proxyProtocol whether each begins with a header of PROXY protocol version 1, which names the client
     */
    public record Site(
            List<String> names,
            @Nullable InetSocketAddress https,
            @Nullable InetSocketAddress http,
            boolean proxyProtocol) {}

    /** Whether any connection with TLS is to be passed on. */
    public boolean withHttps() {
        return (any != null && any.https() != null) || named.stream().anyMatch(site -> site.https() != null);
    }

    /** Whether any connection in plain text is to be passed on. */
    public boolean withHttp() {
        return (any != null && any.http() != null) || named.stream().anyMatch(site -> site.http() != null);
    }
}
