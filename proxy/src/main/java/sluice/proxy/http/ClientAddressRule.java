package sluice.proxy.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import sluice.proxy.upstream.Octets;

/** How a client's address is found. */
public interface ClientAddressRule {
    /** The peer is the client. */
    ClientAddressRule DIRECT = peer -> {
        byte[] address = text(peer);
        return head -> address;
    };

    /**
     * Looks at a new connection, on its event loop.
     *
     * @return the rule for its requests
     */
    PerConnection accepted(SocketAddress peer);

    /** One connection's rule. */
    interface PerConnection {
        /** The client's address as text in ASCII, as it is to be sent in X-Forwarded-For. Called for every request: cheap. */
        byte[] address(RequestHead head);
    }

    /** A peer's address as text (RFC 5952 for IPv6), without port and zone. An IPv4-mapped one is an IPv4 address to Java already. */
    static byte[] text(SocketAddress peer) {
        return peer instanceof InetSocketAddress inet && inet.getAddress() != null
                ? text(inet.getAddress())
                : Octets.of("127.0.0.1");
    }

    /** The same for a bare address. */
    static byte[] text(InetAddress address) {
        // Without the zone: it means something on this machine only.
        String text = NetUtil.toAddressString(address);
        int zone = text.indexOf('%');
        return Octets.of(zone < 0 ? text : text.substring(0, zone));
    }
}
