package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.proxy.config.Network;
import sluice.proxy.config.ProxyConfig.ClientAddress;
import sluice.proxy.config.ProxyConfig.ClientAddress.Kind;
import sluice.proxy.listen.ClientAddresses;

/**
 * What the site is told about who asks: exactly one address, whatever the request says. Mastodon takes the right-most address that it
 * does not trust. A Client-IP goes on, as with nginx: it harms nobody but who sends it.
 */
class ForwardedHeadTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // who is trusted | peer | fields, separated by ; | client
                "direct | 192.0.2.1 | | 192.0.2.1",
                "direct | 2001:db8::1 | | 2001:db8::1",
                "direct | 2001:db8:0:0:1:0:0:1 | | 2001:db8::1:0:0:1",
                "direct | ::ffff:192.0.2.1 | | 192.0.2.1",
                "direct | 192.0.2.1 | X-Forwarded-For: 10.0.0.1 | 192.0.2.1",
                "direct | 192.0.2.1 | x-forwarded-for: 1.1.1.1, 2.2.2.2;X-FORWARDED-FOR: 3.3.3.3 | 192.0.2.1",
                "direct | 192.0.2.1 | X-Real-IP: 10.0.0.1;Client-IP: 10.0.0.2;True-Client-IP: 10.0.0.3 | 192.0.2.1",
                "direct | 192.0.2.1 | CF-Connecting-IP: 198.51.100.7;Forwarded: for=198.51.100.8 | 192.0.2.1",
                "proxy-protocol | 192.0.2.1 | X-Forwarded-For: 10.0.0.1 | 192.0.2.1",
                "proxy-protocol | 2001:db8::1 | X-Forwarded-For: 10.0.0.1;CF-Connecting-IP: 1.1.1.1 | 2001:db8::1",
                "cloudflare | 173.245.48.1 | CF-Connecting-IP: 192.0.2.1 | 192.0.2.1",
                "cloudflare | 173.245.48.1 | CF-Connecting-IP: 2001:DB8:0::1 | 2001:db8::1",
                "cloudflare | 173.245.48.1 | CF-Connecting-IP: ::ffff:192.0.2.1 | 192.0.2.1",
                "cloudflare | 173.245.48.1 | CF-Connecting-IP: 192.0.2.1;X-Forwarded-For: 6.6.6.6, 192.0.2.1 | 192.0.2.1",
                "cloudflare | 173.245.48.1 | CF-Connecting-IP: 192.0.2.1, 6.6.6.6 | 173.245.48.1",
                "cloudflare | 2606:4700::1 | CF-Connecting-IP: 192.0.2.1 | 192.0.2.1",
                "cloudflare | 2606:4700::1 | X-Forwarded-For: 192.0.2.1 | 2606:4700::1",
                "cloudflare | 192.0.2.9 | CF-Connecting-IP: 192.0.2.1;X-Forwarded-For: 6.6.6.6 | 192.0.2.9",
                "10.0.0.0/8 | 10.0.0.1 | X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.2 | 192.0.2.1",
                "10.0.0.0/8 | 10.0.0.1 | X-Forwarded-For: 6.6.6.6;X-Forwarded-For: 192.0.2.1 | 192.0.2.1",
                "10.0.0.0/8 | 10.0.0.1 | X-Forwarded-For: 2001:DB8::0:1 | 2001:db8::1",
                "10.0.0.0/8 | ::ffff:10.0.0.1 | X-Forwarded-For: ::ffff:192.0.2.1 | 192.0.2.1",
                "10.0.0.0/8 | 10.0.0.1 | X-Forwarded-For: ::ffff:10.0.0.7, 192.0.2.1, ::ffff:10.0.0.8 | 192.0.2.1",
                "10.0.0.0/8 | 10.0.0.1 | X-Forwarded-For: unknown | 10.0.0.1",
                "10.0.0.0/8 | 192.0.2.9 | X-Forwarded-For: 192.0.2.1 | 192.0.2.9",
                "fd00::/8 | fd00::1 | X-Forwarded-For: 2001:db8::5, fd00::2 | 2001:db8::5",
            })
    void oneAddressAndTheRightOne(String trusted, String peer, String fields, String client) throws Exception {
        String head = written(config(trusted), peer, fields == null ? List.of() : List.of(fields.split(";")));

        assertThat(values(head, "x-forwarded-for")).containsExactly(client);
        assertThat(values(head, "x-real-ip")).containsExactly(client);
        assertThat(values(head, "x-forwarded-proto")).containsExactly("https");
    }

    private static ClientAddress config(String trusted) {
        return switch (trusted) {
            case "direct" -> new ClientAddress(Kind.DIRECT, List.of());
            case "cloudflare" -> new ClientAddress(Kind.CLOUDFLARE, List.of());
            case "proxy-protocol" -> new ClientAddress(Kind.PROXY_PROTOCOL, List.of(Network.parse("127.0.0.0/8")));
            default -> new ClientAddress(Kind.TRUSTED, List.of(Network.parse(trusted)));
        };
    }

    private static String written(ClientAddress config, String peer, List<String> fields) throws Exception {
        RequestHead head = new RequestHead(4096);
        StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-Proto: http\r\n");
        fields.forEach(field -> text.append(field.strip()).append("\r\n"));
        ByteBuf bytes = Unpooled.copiedBuffer(text.append("\r\n"), StandardCharsets.US_ASCII);
        assertThat(head.feed(bytes)).isTrue();
        byte[] client = ClientAddresses.rule(config)
                .accepted(new InetSocketAddress(Network.address(peer), 5000))
                .address(head);
        byte[] out = new byte[16 << 10];
        int size = UpstreamRequest.write(head, client, true, 0, 0, false, out);
        return new String(out, 0, size, StandardCharsets.US_ASCII);
    }

    private static List<String> values(String head, String name) {
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList();
    }
}
