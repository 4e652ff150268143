package sluice.proxy.http;

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

    /** A peer's address as text, without port and zone. */
    static byte[] text(SocketAddress peer) {
        if (peer instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String address = inet.getAddress().getHostAddress();
            int zone = address.indexOf('%');
            return Octets.of(zone < 0 ? address : address.substring(0, zone));
        }
        return Octets.of("127.0.0.1");
    }
}
