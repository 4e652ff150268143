package sluice.proxy.listen;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.http.ClientAddressRule;
import sluice.proxy.http.RequestHead;
import sluice.proxy.upstream.Octets;

/**
 * Who the client is, by the rule of the configuration. A field of the request counts only when the connection comes from
 * somebody who is trusted to write it; from anybody else it is a claim.
 */
public final class ClientAddresses {
    private static final byte[] X_FORWARDED_FOR = Octets.of("x-forwarded-for");
    private static final byte[] CF_CONNECTING_IP = Octets.of("cf-connecting-ip");

    private ClientAddresses() {}

    public static ClientAddressRule rule(ProxyConfig.ClientAddress config) {
        return switch (config.kind()) {
            case DIRECT, PROXY_PROTOCOL -> ClientAddressRule.DIRECT;
            case TRUSTED -> {
                ForwardedFor networks = new ForwardedFor(config.trusted());
                yield peer -> behind(
                        networks, peer, (head, trusted) -> networks.client(trusted, joined(head, X_FORWARDED_FOR)));
            }
            case CLOUDFLARE -> {
                ForwardedFor networks = new ForwardedFor(CloudflareNetworks.load());
                yield peer -> behind(networks, peer, ClientAddresses::visitor);
            }
        };
    }

    /** Whose connections carry many clients: those who may name a client. */
    static Predicate<InetAddress> trusted(ProxyConfig.ClientAddress config) {
        return switch (config.kind()) {
            case DIRECT -> address -> false;
            case TRUSTED, PROXY_PROTOCOL -> new ForwardedFor(config.trusted())::trusts;
            case CLOUDFLARE -> new ForwardedFor(CloudflareNetworks.load())::trusts;
        };
    }

    /** What a trusted peer says about the client. */
    private interface Statement {
        InetAddress client(RequestHead head, InetAddress peer);
    }

    private static ClientAddressRule.PerConnection behind(
            ForwardedFor networks, SocketAddress peer, Statement statement) {
        byte[] direct = ClientAddressRule.text(peer);
        InetAddress address = peer instanceof InetSocketAddress inet ? inet.getAddress() : null;
        if (address == null || !networks.trusts(address)) {
            return head -> direct;
        }
        return head -> {
            InetAddress client = statement.client(head, address);
            return client.equals(address) ? direct : ClientAddressRule.text(client);
        };
    }

    /** Cloudflare writes this field once, with one address; anything else is not from Cloudflare, so the peer counts. */
    private static InetAddress visitor(RequestHead head, InetAddress peer) {
        int field = head.find(CF_CONNECTING_IP, 0);
        if (field < 0 || head.find(CF_CONNECTING_IP, field + 1) >= 0) {
            return peer;
        }
        InetAddress client = Network.address(head.value(field));
        return client == null ? peer : client;
    }

    /** All values of a field, in order (RFC 9110 section 5.3), or null when there is none. */
    private static @Nullable String joined(RequestHead head, byte[] name) {
        int field = head.find(name, 0);
        if (field < 0) {
            return null;
        }
        String all = head.value(field);
        for (field = head.find(name, field + 1); field >= 0; field = head.find(name, field + 1)) {
            all = all + "," + head.value(field);
        }
        return all;
    }
}
