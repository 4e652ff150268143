package sluice.proxy.listen;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;

/** Finds the client behind trusted proxies. */
final class ForwardedFor {
    private final List<Network> trusted;

    ForwardedFor(List<Network> trusted) {
        this.trusted = trusted;
    }

    boolean trusts(InetAddress address) {
        for (Network network : trusted) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The right-most address in X-Forwarded-For that is not trusted: each proxy adds what it saw at the right, and what stands
     * left of the first stranger was written by that stranger. With nothing but trusted addresses the left-most counts. At the
     * first entry that is no address, the one right of it counts.
     *
     * @param peer the trusted other end of the connection
     * @param field all values of the field, joined by commas, or null
     */
    InetAddress client(InetAddress peer, @Nullable String field) {
        InetAddress client = peer;
        if (field == null) {
            return client;
        }
        int end = field.length();
        while (end >= 0 && trusts(client)) {
            int comma = field.lastIndexOf(',', end - 1);
            InetAddress next =
                    Network.address(withoutPort(field.substring(comma + 1, end).strip()));
            if (next == null) {
                return client;
            }
            client = next;
            end = comma;
        }
        return client;
    }

    /** Some proxies write {@code 192.0.2.1:5000} or {@code [2001:db8::1]:5000}. */
    private static String withoutPort(String entry) {
        if (entry.startsWith("[")) {
            int close = entry.indexOf(']');
            return close < 0 ? entry : entry.substring(1, close);
        }
        int colon = entry.indexOf(':');
        return colon >= 0 && colon == entry.lastIndexOf(':') ? entry.substring(0, colon) : entry;
    }
}
