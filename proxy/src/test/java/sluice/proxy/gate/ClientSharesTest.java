package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientSharesTest {
    @Test
    void an_ipv4_address_is_a_client() {
        assertThat(ClientShares.key("192.0.2.1")).isNotEqualTo(ClientShares.key("192.0.2.2"));
        assertThat(ClientShares.key("255.255.255.255")).isNotEqualTo(ClientShares.NOBODY);
    }

    @Test
    void an_ipv6_network_of_64_bits_is_a_client() {
        long key = ClientShares.key("2001:db8:1:2::1");

        assertThat(ClientShares.key("2001:db8:1:2:ffff:ffff:ffff:ffff")).isEqualTo(key);
        assertThat(ClientShares.key("2001:db8:1:3::1")).isNotEqualTo(key);
    }

    @Test
    void an_ipv4_address_written_as_ipv6_is_the_same_client() {
        assertThat(ClientShares.key("::ffff:192.0.2.1")).isEqualTo(ClientShares.key("192.0.2.1"));
    }

    @Test
    void what_is_no_address_is_nobody_and_asks_no_name_service() {
        assertThat(ClientShares.key("")).isEqualTo(ClientShares.NOBODY);
        assertThat(ClientShares.key("localhost")).isEqualTo(ClientShares.NOBODY);
    }

    @Test
    void a_bound_of_zero_is_none() {
        ClientShares shares = new ClientShares(0);
        for (int i = 0; i < 1_000; i++) {
            shares.take(1);
        }

        assertThat(shares.isFree(1)).isTrue();
    }
}
