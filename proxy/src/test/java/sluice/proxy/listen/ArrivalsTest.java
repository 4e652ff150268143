package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.Network;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig.ClientAddress;
import sluice.proxy.config.ProxyConfig.ClientAddress.Kind;
import sluice.proxy.http.Peer;
import sluice.proxy.metrics.LoopMetrics.Refusal;

/** Who gets in, and as whom: PROXY protocol, caps, handshakes that do not end. On real sockets. */
class ArrivalsTest {
    private static final ClientAddress BALANCED =
            new ClientAddress(Kind.PROXY_PROTOCOL, List.of(Network.parse("127.0.0.0/8")));

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private TestListeners ours;

    @AfterEach
    void close() {
        ours.listeners.stopAccepting();
        ours.listeners.closeConnections();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void theHeaderSaysWhoTheClientIs() throws Exception {
        InetSocketAddress address = plain(BALANCED, 256, Duration.ofSeconds(20));

        assertThat(whoami(address, ascii("PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n")))
                .isEqualTo("192.0.2.1:5000 to 198.51.100.2:443");
        assertThat(whoami(address, ascii("PROXY TCP6 2001:db8::1 2001:db8::2 5000 443\r\n")))
                .isEqualTo("[2001:db8::1]:5000 to [2001:db8::2]:443");
        assertThat(whoami(address, HexFormat.of().parseHex("0d0a0d0a000d0a515549540a2111000cc0000201c6336402138801bb")))
                .isEqualTo("192.0.2.1:5000 to 198.51.100.2:443");
        assertThat(whoami(address, HexFormat.of().parseHex("0d0a0d0a000d0a515549540a20000000")))
                .as("a check of the balancer's own")
                .startsWith("127.0.0.1:");
        assertThat(whoami(address, ascii("PROXY UNKNOWN\r\n"))).startsWith("127.0.0.1:");
    }

    @Test
    void theHeaderMayComeInPiecesAndStandsBeforeTls() throws Exception {
        SiteCertificate certificate = certificate();
        try (TlsServer tls = TlsServer.of(List.of(certificate), true)) {
            start(BALANCED, 256, Duration.ofSeconds(20));
            InetSocketAddress address = ours.listeners.https(TestTls.loopback(0), tls, ArrivalsTest::whoami);
            try (Socket bare = connect(address)) {
                bare.setTcpNoDelay(true);
                for (byte b : ascii("PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n")) {
                    bare.getOutputStream().write(b);
                }
                SSLSocketFactory factory = TestTls.trusting().getSocketFactory();
                try (SSLSocket client = (SSLSocket) factory.createSocket(bare, "a.example", 443, false)) {
                    client.getOutputStream().write('?');
                    assertThat(line(client)).isEqualTo("192.0.2.1:5000 to 198.51.100.2:443");
                }
            }
        }
    }

    @Test
    void withoutAProperHeaderThereIsNoConnection() throws Exception {
        InetSocketAddress address = plain(BALANCED, 256, Duration.ofMillis(700));
        for (String wrong : List.of(
                "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 5000\r\n?",
                "\r\n\r\n",
                "PROXY TCP4 192.0.2.1 198.51")) {
            try (Socket client = connect(address)) {
                client.getOutputStream().write(ascii(wrong));
                assertThat(ended(client)).as(wrong).isTrue();
            }
        }
        assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.PROXY_HEADER) == 4))
                .isTrue();
    }

    @Test
    void onlyBalancersThatAreTrustedGetIn() throws Exception {
        InetSocketAddress address = plain(
                new ClientAddress(Kind.PROXY_PROTOCOL, List.of(Network.parse("127.0.0.9"))),
                256,
                Duration.ofSeconds(20));
        try (Socket client = connect(address)) {
            assertThat(ended(client)).isTrue();
        }
        assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.NETWORK) == 1))
                .isTrue();
        try (Socket client = connect(address, "127.0.0.9")) {
            client.getOutputStream().write(ascii("PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n?"));
            assertThat(line(client)).isEqualTo("192.0.2.1:5000 to 198.51.100.2:443");
        }
    }

    @Test
    void oneAddressHasSoManyConnectionsAndOthersHaveTheirs() throws Exception {
        InetSocketAddress address = plain(TestListeners.DIRECT, 2, Duration.ofSeconds(20));
        try (Socket first = connect(address, "127.0.0.2");
                Socket second = connect(address, "127.0.0.2")) {
            assertThat(asked(first)).startsWith("127.0.0.2:");
            assertThat(asked(second)).startsWith("127.0.0.2:");
            try (Socket third = connect(address, "127.0.0.2");
                    Socket other = connect(address, "127.0.0.3")) {
                assertThat(ended(third)).isTrue();
                assertThat(asked(other)).startsWith("127.0.0.3:");
            }
            assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.ADDRESS) == 1))
                    .isTrue();
            assertThat(asked(first)).startsWith("127.0.0.2:");
        }
        // There is room again once the loops have seen the ends.
        boolean again = false;
        for (long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10); !again && System.nanoTime() < until; ) {
            try (Socket later = connect(address, "127.0.0.2")) {
                later.getOutputStream().write('?');
                again = later.getInputStream().read() >= 0;
            } catch (IOException refused) {
                // Not yet.
            }
        }
        assertThat(again).isTrue();
    }

    @Test
    void theAddressThatCountsIsTheClientsNotTheBalancers() throws Exception {
        InetSocketAddress address = plain(BALANCED, 1, Duration.ofSeconds(20));
        byte[] one = ascii("PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n?");
        try (Socket first = connect(address);
                Socket second = connect(address);
                Socket other = connect(address)) {
            first.getOutputStream().write(one);
            assertThat(line(first)).startsWith("192.0.2.1");
            second.getOutputStream().write(one);
            assertThat(ended(second)).isTrue();
            other.getOutputStream().write(ascii("PROXY TCP4 192.0.2.3 198.51.100.2 5000 443\r\n?"));
            assertThat(line(other)).startsWith("192.0.2.3");
        }
        assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.ADDRESS) == 1))
                .isTrue();
    }

    @Test
    void aTrustedProxyMayHaveMore() throws Exception {
        InetSocketAddress address =
                plain(new ClientAddress(Kind.TRUSTED, List.of(Network.parse("127.0.0.2"))), 1, Duration.ofSeconds(20));
        try (Socket first = connect(address, "127.0.0.2");
                Socket second = connect(address, "127.0.0.2")) {
            assertThat(asked(first)).startsWith("127.0.0.2:");
            assertThat(asked(second)).startsWith("127.0.0.2:");
        }
        assertThat(ClientAddresses.trusted(new ClientAddress(Kind.CLOUDFLARE, List.of()))
                        .test(Network.address("173.245.48.1")))
                .isTrue();
        assertThat(ClientAddresses.trusted(new ClientAddress(Kind.CLOUDFLARE, List.of()))
                        .test(Network.address("127.0.0.1")))
                .isFalse();
    }

    @Test
    void anIpv6ClientIsItsHalfOfTheAddress() {
        ours = new TestListeners(
                loops,
                List.of(),
                TestListeners.DIRECT,
                OtherSites.NONE,
                TestListeners.limits(1, 1, Duration.ofDays(1)));
        AddressCap cap = new AddressCap(2, address -> false);
        List<EmbeddedChannel> open = List.of(new EmbeddedChannel(), new EmbeddedChannel());
        assertThat(cap.admit(Network.address("2001:db8:1:2::1"), open.get(0))).isTrue();
        assertThat(cap.admit(Network.address("2001:db8:1:2:ffff::9"), open.get(1)))
                .isTrue();
        assertThat(cap.admit(Network.address("2001:db8:1:2:3::1"), new EmbeddedChannel()))
                .isFalse();
        assertThat(cap.admit(Network.address("2001:db8:1:3::1"), new EmbeddedChannel()))
                .isTrue();
        InetAddress mapped = Network.address("::ffff:192.0.2.1");
        assertThat(cap.admit(mapped, new EmbeddedChannel())).isTrue();
        assertThat(cap.admit(Network.address("192.0.2.1"), new EmbeddedChannel()))
                .isTrue();
        assertThat(cap.admit(mapped, new EmbeddedChannel()))
                .as("the same IPv4 client")
                .isFalse();
        assertThat(cap.clients()).isEqualTo(3);
        open.forEach(EmbeddedChannel::close);
        assertThat(cap.clients()).as("nothing is kept of who has gone").isEqualTo(2);
    }

    @Test
    void twoThousandHandshakesThatDoNotGoOnDisturbNobodyAndEnd() throws Exception {
        SiteCertificate certificate = certificate();
        Duration timeout = Duration.ofSeconds(5);
        try (TlsServer tls = TlsServer.of(List.of(certificate), true)) {
            ours = new TestListeners(
                    loops, List.of(), TestListeners.DIRECT, OtherSites.NONE, TestListeners.limits(2100, 2100, timeout));
            InetSocketAddress address = ours.listeners.https(TestTls.loopback(0), tls, TestTls::echo);
            byte[] half = Arrays.copyOf(ClientHelloTest.hello("a.example"), 100);
            List<Socket> idle = new ArrayList<>();
            try {
                for (int i = 0; i < 2000; i++) {
                    Socket socket = connect(address);
                    idle.add(socket);
                    if (i % 2 == 0) {
                        socket.getOutputStream().write(half);
                    }
                }
                long begun = System.nanoTime();
                for (int i = 0; i < 20; i++) {
                    try (SSLSocket client = TestTls.client(TestTls.trusting(), address, "a.example", "TLSv1.3")) {
                        assertThat(TestTls.echoes(client)).isTrue();
                    }
                }
                assertThat(System.nanoTime() - begun)
                        .as("not waiting for those that do nothing")
                        .isLessThan(timeout.toNanos());
                for (Socket socket : idle) {
                    assertThat(ended(socket)).isTrue();
                }
            } finally {
                for (Socket socket : idle) {
                    socket.close();
                }
            }
            assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.HANDSHAKE) == 2000))
                    .isTrue();
        }
    }

    private InetSocketAddress plain(ClientAddress clients, int perAddress, Duration timeout) throws Exception {
        start(clients, perAddress, timeout);
        return ours.listeners.http(TestTls.loopback(0), ArrivalsTest::whoami);
    }

    private void start(ClientAddress clients, int perAddress, Duration timeout) {
        ours = new TestListeners(
                loops, List.of(), clients, OtherSites.NONE, TestListeners.limits(100, perAddress, timeout));
    }

    /** Answers everything with who the client is. */
    private static void whoami(Channel connection) {
        connection.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
                Channel channel = ctx.channel();
                String text = NetUtil.toSocketAddressString((InetSocketAddress) Peer.of(channel)) + " to "
                        + NetUtil.toSocketAddressString((InetSocketAddress) Peer.destination(channel)) + "\n";
                ctx.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
            }
        });
    }

    private static String whoami(InetSocketAddress address, byte[] header) throws IOException {
        try (Socket client = connect(address)) {
            client.getOutputStream().write(header);
            return asked(client);
        }
    }

    private static String asked(Socket client) throws IOException {
        client.getOutputStream().write('?');
        client.getOutputStream().flush();
        return line(client);
    }

    private static String line(Socket client) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = client.getInputStream().read();
                b != '\n';
                b = client.getInputStream().read()) {
            assertThat(b).as("in an answer: %s", line).isGreaterThanOrEqualTo(0);
            line.append((char) b);
        }
        return line.toString();
    }

    /** Whether nothing comes but the end, with or without a reset. */
    private static boolean ended(Socket client) {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        return connect(address, "127.0.0.1");
    }

    private static Socket connect(InetSocketAddress address, String from) throws IOException {
        Socket client = new Socket();
        client.bind(new InetSocketAddress(Network.address(from), 0));
        client.connect(address);
        client.setSoTimeout(20_000);
        return client;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static SiteCertificate certificate() throws Exception {
        KeyPair pair = TestCertificates.ec();
        return new SiteCertificate(
                Path.of("test"),
                List.of(TestCertificates.certificate(pair, Instant.now(), Duration.ofDays(1), "a.example")),
                pair.getPrivate());
    }
}
