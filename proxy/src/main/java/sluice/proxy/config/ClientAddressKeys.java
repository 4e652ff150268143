package sluice.proxy.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import sluice.proxy.config.ProxyConfig.ClientAddress;
import sluice.proxy.config.ProxyConfig.ClientAddress.Kind;

/** Reads {@code client_address} and {@code proxy_protocol_from}. */
final class ClientAddressKeys {
    private static final String KEY = "client_address";
    private static final String FROM = "proxy_protocol_from";
    private static final Map<String, Kind> KINDS =
            Map.of("direct", Kind.DIRECT, "cloudflare", Kind.CLOUDFLARE, "proxy-protocol", Kind.PROXY_PROTOCOL);
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"));

    private ClientAddressKeys() {}

    static ClientAddress read(Table top) {
        List<Network> from = top.list(FROM, Forms.network(), LOOPBACK);
        ClientAddress read = read(top, from);
        if (top.has(FROM) && read.kind() != Kind.PROXY_PROTOCOL) {
            top.report(FROM, "is set, but client_address is another", "set client_address = \"proxy-protocol\"");
        } else if (from.isEmpty() && read.kind() == Kind.PROXY_PROTOCOL) {
            top.report(FROM, "is empty: nobody could connect", "write the networks of the balancers in front");
        }
        return read;
    }

    private static ClientAddress read(Table top, List<Network> from) {
        JsonNode value = top.take(KEY);
        if (value != null && value.isArray()) {
            List<Network> trusted = top.list(KEY, Forms.network(), List.of());
            if (value.isEmpty()) {
                top.report(KEY, "is an empty list", "write \"direct\" when no network is trusted");
            }
            return new ClientAddress(Kind.TRUSTED, trusted);
        }
        String right = "write \"direct\", \"cloudflare\", \"proxy-protocol\" or a list of trusted networks";
        Kind kind = top.get(KEY, Forms.oneOf(right, KINDS), Kind.DIRECT);
        return new ClientAddress(kind, kind == Kind.PROXY_PROTOCOL ? from : List.of());
    }
}
