package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.proxy.config.Network;

class ForwardedForTest {
    private final ForwardedFor rule =
            new ForwardedFor(List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8:1::/48")));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                // peer | field | client
                "198.51.100.1 | 192.0.2.1 | 198.51.100.1",
                "10.0.0.1 | none | 10.0.0.1",
                "10.0.0.1 | 192.0.2.1 | 192.0.2.1",
                "10.0.0.1 | 192.0.2.9, 192.0.2.1 | 192.0.2.1",
                "10.0.0.1 | 192.0.2.9, 192.0.2.1, 10.2.3.4 | 192.0.2.1",
                "10.0.0.1 | 10.1.1.1, 10.2.3.4 | 10.1.1.1",
                "10.0.0.1 | 192.0.2.1, oops, 10.2.3.4 | 10.2.3.4",
                "10.0.0.1 | localhost | 10.0.0.1",
                "10.0.0.1 | '' | 10.0.0.1",
                "10.0.0.1 | ',' | 10.0.0.1",
                "10.0.0.1 | 192.0.2.1:5000 | 192.0.2.1",
                "10.0.0.1 | 2001:db8:2::1 | 2001:db8:2::1",
                "10.0.0.1 | [2001:db8:2::1]:99 | 2001:db8:2::1",
                "2001:db8:1::7 | 192.0.2.1 | 192.0.2.1",
                "2001:db8:2::7 | 192.0.2.1 | 2001:db8:2::7",
            })
    void theRightMostStrangerIsTheClient(String peer, String field, String client) {
        assertThat(rule.client(address(peer), field)).isEqualTo(address(client));
    }

    @Test
    void cloudflaresNetworksAreShipped() {
        ForwardedFor cloudflare = new ForwardedFor(CloudflareNetworks.load());

        assertThat(CloudflareNetworks.load()).hasSize(22);
        assertThat(cloudflare.trusts(address("173.245.63.255"))).isTrue();
        assertThat(cloudflare.trusts(address("173.245.64.0"))).isFalse();
        assertThat(cloudflare.trusts(address("2a06:98c7:ffff::1"))).isTrue();
        assertThat(cloudflare.trusts(address("2a06:98c8::1"))).isFalse();
    }

    private static InetAddress address(String text) {
        return Network.address(text);
    }
}
