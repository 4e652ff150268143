package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.Proxy;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.TestConfig;

/** Requests for another site on a connection of ours, as browsers send them when a certificate is good for both. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class MisdirectedTest {
    private static final InetSocketAddress OTHER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

    @TempDir
    Path directory;

    private final LittleSite site = LittleSite.ok();
    private Proxy proxy;

    @AfterEach
    void close() throws IOException {
        proxy.stop();
        site.close();
    }

    private SSLSocket connect(OtherSites others) throws Exception {
        ProxyConfig d = TestConfig.of(directory, site.uri(), site.uri());
        ProxyConfig.Listen l = d.listen();
        proxy = Proxy.start(new ProxyConfig(
                d.preset(),
                d.rules(),
                d.domains(),
                d.tls(),
                d.clientAddress(),
                d.root(),
                d.errorPage(),
                new ProxyConfig.Listen(
                        l.https(), l.http(), l.adminAddresses(), l.adminSockets(), l.tokenFile(), others),
                d.state(),
                d.upstreams(),
                d.gate(),
                d.limits(),
                d.server(),
                d.files(),
                d.stopTimeout()));
        int port = proxy.addresses().https().get(0).getPort();
        return (SSLSocket) AnyCertificate.context().getSocketFactory().createSocket("localhost", port);
    }

    private static OtherSites.Site server(String... names) {
        return new OtherSites.Site(List.of(names), OTHER, null, false);
    }

    @Test
    void overHttp2TheClientIsToldToAskOverAnotherConnection() throws Exception {
        OtherSites others = new OtherSites(List.of(server("blog.example.org", "*.example.net")), null);
        try (Http2Wire client = new Http2Wire(connect(others))) {
            assertThat(status(client, "localhost")).isEqualTo(200);
            for (String host :
                    List.of("blog.example.org", "BLOG.example.org:443", "a.example.net", "blog.example.org.")) {
                assertThat(status(client, host)).as(host).isEqualTo(421);
            }
            for (String host : List.of("localhost:8443", "nobody.example", "127.0.0.1", "[::1]:443")) {
                assertThat(status(client, host)).as(host).isEqualTo(200);
            }
        }
        assertThat(site.requests()).hasSize(5);
    }

    @Test
    void overHttp11Too() throws Exception {
        try (Wire client = new Wire(connect(new OtherSites(List.of(), server())))) {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                    + "GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(200);
            assertThat(client.answer().status()).as("an address is no name").isEqualTo(200);
            assertThat(client.answer().status()).isEqualTo(421);
        }
        assertThat(site.requests()).hasSize(2);
    }

    private static int status(Http2Wire client, String host) throws Exception {
        return client.answer(
                        client.headers(true, ":method", "GET", ":scheme", "https", ":path", "/", ":authority", host))
                .status();
    }
}
