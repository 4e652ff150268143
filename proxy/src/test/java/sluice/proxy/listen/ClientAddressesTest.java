package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.Network;
import sluice.proxy.config.ProxyConfig.ClientAddress;
import sluice.proxy.config.ProxyConfig.ClientAddress.Kind;
import sluice.proxy.http.ClientAddressRule;
import sluice.proxy.http.RequestHead;

class ClientAddressesTest {
    private static final String CLOUDFLARE = "173.245.48.1";

    @Test
    void directBelievesNobody() throws Exception {
        ClientAddressRule rule = ClientAddresses.rule(new ClientAddress(Kind.DIRECT, List.of()));

        assertThat(client(rule, "10.0.0.1", "X-Forwarded-For: 192.0.2.1", "CF-Connecting-IP: 192.0.2.2"))
                .isEqualTo("10.0.0.1");
    }

    @Test
    void trustedNetworksNameTheClient() throws Exception {
        ClientAddressRule rule =
                ClientAddresses.rule(new ClientAddress(Kind.TRUSTED, List.of(Network.parse("10.0.0.0/8"))));

        assertThat(client(rule, "10.0.0.1", "X-Forwarded-For: 192.0.2.9, 192.0.2.1"))
                .isEqualTo("192.0.2.1");
        assertThat(client(rule, "10.0.0.1", "X-Forwarded-For: 192.0.2.1", "x-forwarded-for: 10.1.1.1"))
                .as("the lines of a field are one list")
                .isEqualTo("192.0.2.1");
        assertThat(client(rule, "10.0.0.1")).isEqualTo("10.0.0.1");
        assertThat(client(rule, "198.51.100.1", "X-Forwarded-For: 192.0.2.1")).isEqualTo("198.51.100.1");
    }

    @Test
    void cloudflareNamesTheVisitorAndNobodyElseDoes() throws Exception {
        ClientAddressRule rule = ClientAddresses.rule(new ClientAddress(Kind.CLOUDFLARE, List.of()));

        assertThat(client(rule, CLOUDFLARE, "CF-Connecting-IP: 192.0.2.1")).isEqualTo("192.0.2.1");
        assertThat(client(rule, CLOUDFLARE, "CF-Connecting-IP: 2001:db8::1")).isEqualTo("2001:db8::1");
        assertThat(client(rule, CLOUDFLARE, "X-Forwarded-For: 192.0.2.1")).isEqualTo(CLOUDFLARE);
        assertThat(client(rule, CLOUDFLARE, "CF-Connecting-IP: nonsense")).isEqualTo(CLOUDFLARE);
        assertThat(client(rule, CLOUDFLARE, "CF-Connecting-IP: 192.0.2.1", "CF-Connecting-IP: 192.0.2.2"))
                .isEqualTo(CLOUDFLARE);
        assertThat(client(rule, "198.51.100.1", "CF-Connecting-IP: 192.0.2.1")).isEqualTo("198.51.100.1");
    }

    private static String client(ClientAddressRule rule, String peer, String... fields) throws Exception {
        RequestHead head = new RequestHead(4096);
        String text = "GET / HTTP/1.1\r\nHost: a.example\r\n" + String.join("\r\n", fields)
                + (fields.length == 0 ? "\r\n" : "\r\n\r\n");
        ByteBuf bytes = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
        try {
            assertThat(head.feed(bytes)).isTrue();
        } finally {
            bytes.release();
        }
        byte[] address = rule.accepted(new InetSocketAddress(Network.address(peer), 5000))
                .address(head);
        return new String(address, StandardCharsets.US_ASCII);
    }
}
