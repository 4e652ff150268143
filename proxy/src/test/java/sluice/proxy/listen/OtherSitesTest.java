package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.metrics.LoopMetrics.Protocol;
import sluice.proxy.metrics.LoopMetrics.Refusal;

/** On real sockets; ours is an echo, the other server is another echo with TLS, or a socket of the test's own. */
class OtherSitesTest {
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Listeners otherServer = TestListeners.of(loops);
    private final ServerSocket bare = bound();
    private TestListeners ours;
    private TlsServer tls;
    private TlsServer otherTls;
    private X509Certificate own;
    private X509Certificate foreign;
    private InetSocketAddress otherHttps;

    @BeforeEach
    void start() throws Exception {
        SiteCertificate mine = certificate("example.social", "*.example.org");
        SiteCertificate theirs = certificate("blog.example.org");
        own = mine.chain().get(0);
        foreign = theirs.chain().get(0);
        tls = TlsServer.of(List.of(mine), true);
        otherTls = TlsServer.of(List.of(theirs), true);
        otherHttps = otherServer.https(TestTls.loopback(0), otherTls, TestTls::echo);
    }

    @AfterEach
    void close() throws Exception {
        for (Listeners listeners : ours == null ? List.of(otherServer) : List.of(otherServer, ours.listeners)) {
            listeners.stopAccepting();
            listeners.closeConnections();
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        tls.close();
        otherTls.close();
        bare.close();
    }

    @Test
    void theNameAskedForSaysWhoseConnectionItIs() throws Exception {
        InetSocketAddress address = https(named(otherHttps, false));

        assertThat(TestTls.shown(address, "example.social")).isEqualTo(own);
        assertThat(TestTls.shown(address, "")).as("no name").isEqualTo(own);
        assertThat(TestTls.shown(address, "unknown.example")).isEqualTo(own);
        assertThat(TestTls.shown(address, "mine.example.org"))
                .as("a domain of ours that a star would take")
                .isEqualTo(own);
        assertThat(TestTls.shown(address, "example.org"))
                .as("a star stands for something")
                .isEqualTo(own);
        for (String name : List.of("blog.example.org", "BLOG.example.org", "a.example.org", "a.b.example.org")) {
            assertThat(TestTls.shown(address, name)).as(name).isEqualTo(foreign);
        }
        try (SSLSocket client = TestTls.client(TestTls.trusting(), address, "blog.example.org", "TLSv1.2")) {
            assertThat(TestTls.echoes(client)).isTrue();
            assertThat(ours.soonCounts(counted -> counted.connections(Protocol.PASSED) == 1))
                    .isTrue();
        }
        assertThat(ours.soonCounts(counted -> counted.connections(Protocol.PASSED) == 0))
                .isTrue();
    }

    @Test
    void withAnOtherEveryUnknownNameGoesThere() throws Exception {
        InetSocketAddress address =
                https(new OtherSites(List.of(), new OtherSites.Site(List.of(), otherHttps, null, false)));

        assertThat(TestTls.shown(address, "unknown.example")).isEqualTo(foreign);
        assertThat(TestTls.shown(address, "example.social")).isEqualTo(own);
        assertThat(TestTls.shown(address, "")).isEqualTo(own);
    }

    @Test
    void theBytesArePassedOnAsTheyAreHoweverTheyCome() throws Exception {
        byte[] hello = ClientHelloTest.records(ClientHelloTest.hello("blog.example.org"), 50);
        InetSocketAddress address = https(named(bareAddress(), false));
        try (Socket client = connect(address)) {
            client.setTcpNoDelay(true);
            for (byte b : hello) {
                client.getOutputStream().write(b);
            }
            try (Socket server = accept()) {
                assertThat(server.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
                server.getOutputStream().write(new byte[] {1, 2, 3});
                assertThat(client.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
            }
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void theOtherServerIsToldWhoTheClientIsWhenItWantsTo() throws Exception {
        byte[] hello = ClientHelloTest.hello("blog.example.org");
        InetSocketAddress address = https(named(bareAddress(), true));
        try (Socket client = connect(address)) {
            client.getOutputStream().write(hello);
            try (Socket server = accept()) {
                String line =
                        "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.getLocalPort() + " " + address.getPort() + "\r\n";
                assertThat(new String(server.getInputStream().readNBytes(line.length()), StandardCharsets.US_ASCII))
                        .isEqualTo(line);
                assertThat(server.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
            }
        }
    }

    @Test
    void whoHasSaidAllMayStillListen() throws Exception {
        InetSocketAddress address = http(named(bareAddress(), false));
        String request = "GET / HTTP/1.1\r\nHost: blog.example.org:80\r\n\r\n";
        try (Socket client = connect(address)) {
            client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            try (Socket server = accept()) {
                assertThat(new String(server.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .as("up to its end")
                        .isEqualTo(request);
                server.getOutputStream().write("a late answer".getBytes(StandardCharsets.US_ASCII));
                server.shutdownOutput();
                assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .isEqualTo("a late answer");
                assertThat(ours.soonCounts(counted -> counted.connections(Protocol.PASSED) == 0))
                        .isTrue();
            }
        }
    }

    @Test
    void aServerThatHasSaidAllMayStillListen() throws Exception {
        InetSocketAddress address = http(named(bareAddress(), false));
        try (Socket client = connect(address)) {
            client.getOutputStream().write(request("blog.example.org"));
            try (Socket server = accept()) {
                server.shutdownOutput();
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                client.getOutputStream().write("still talking".getBytes(StandardCharsets.US_ASCII));
                client.shutdownOutput();
                assertThat(new String(server.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .endsWith("still talking");
            }
        }
    }

    @Test
    void nobodyIsReadFasterThanTheOtherSideTakesIt() throws Exception {
        InetSocketAddress address = http(named(bareAddress(), false));
        long most = 64L << 20;
        try (SocketChannel client = SocketChannel.open(address)) {
            client.write(ByteBuffer.wrap(request("blog.example.org")));
            try (Socket server = accept()) {
                long sent = request("blog.example.org").length + fill(client, most);
                assertThat(sent).as("what fits into the buffers of two sockets").isLessThan(most);
                client.configureBlocking(true);
                client.shutdownOutput();
                assertThat(drain(server.getInputStream())).isEqualTo(sent);

                // And the other way round.
                try (SocketChannel second = SocketChannel.open(address)) {
                    second.write(ByteBuffer.wrap(request("blog.example.org")));
                    try (Socket answering = accept()) {
                        InputStream source = new ByteArrayInputStream(new byte[32 << 20]);
                        Thread writer = new Thread(() -> {
                            try {
                                source.transferTo(answering.getOutputStream());
                                answering.shutdownOutput();
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
                        writer.start();
                        assertThat(drain(second.socket().getInputStream())).isEqualTo(32L << 20);
                        writer.join();
                    }
                }
            }
        }
    }

    @Test
    void aConnectionOnWhichNothingHappensIsClosed() throws Exception {
        InetSocketAddress address = http(named(bareAddress(), false), Duration.ofMillis(700));
        try (Socket client = connect(address)) {
            client.getOutputStream().write(request("blog.example.org"));
            try (Socket server = accept()) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
                assertThat(drain(server.getInputStream())).isEqualTo(request("blog.example.org").length);
            }
        }
    }

    @Test
    void whoNeverSaysForWhomItIsIsClosed() throws Exception {
        InetSocketAddress https = https(named(otherHttps, false), Duration.ofMillis(700));
        InetSocketAddress http = ours.listeners.http(TestTls.loopback(0), TestTls::echo);
        try (Socket silent = connect(https);
                Socket slow = connect(http)) {
            silent.getOutputStream().write(new byte[] {22, 3, 1});
            slow.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
            assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.HELLO) == 2))
                    .isTrue();
        }
    }

    @Test
    void aHelloThatIsTooLongIsClosed() throws Exception {
        InetSocketAddress https = https(named(otherHttps, false));
        try (Socket client = connect(https)) {
            byte[] message = new byte[20 * 1024];
            System.arraycopy(new byte[] {22, 3, 1, 0, 0, 1, 0, (byte) 0xff, (byte) 0xff}, 0, message, 0, 9);
            byte[] endless = ClientHelloTest.records(message, 1000);
            client.getOutputStream().write(endless);
            assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.HELLO) == 1))
                    .isTrue();
        }
    }

    @Test
    void aServerThatIsAwayClosesTheConnection() throws Exception {
        InetSocketAddress away = bareAddress();
        bare.close();
        InetSocketAddress address = http(named(away, false));
        try (Socket client = connect(address)) {
            client.getOutputStream().write(request("blog.example.org"));
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(ours.soonCounts(counted ->
                        counted.refusals(Refusal.OTHER_SITE) == 1 && counted.connections(Protocol.PASSED) == 0))
                .isTrue();
    }

    @Test
    void inPlainTextTheHostOfTheFirstRequestCounts() throws Exception {
        InetSocketAddress address = http(named(bareAddress(), false));
        try (Socket client = connect(address)) {
            client.getOutputStream().write(request("example.social"));
            assertThat(client.getInputStream().readNBytes(request("example.social").length))
                    .as("the echo that is ours")
                    .isEqualTo(request("example.social"));
        }
        for (String odd :
                List.of("GET / HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "nonsense\r\n", "\u0016\u0003\u0001\r\n")) {
            try (Socket client = connect(address)) {
                client.getOutputStream().write(odd.getBytes(StandardCharsets.ISO_8859_1));
                assertThat(client.getInputStream().readNBytes(odd.length()))
                        .as("what is no request is ours to refuse")
                        .hasSize(odd.length());
            }
        }
        byte[] first = request("blog.example.org");
        byte[] second = request("example.social");
        try (Socket client = connect(address)) {
            client.getOutputStream().write(first);
            try (Socket server = accept()) {
                client.getOutputStream().write(second);
                assertThat(server.getInputStream().readNBytes(first.length)).isEqualTo(first);
                assertThat(server.getInputStream().readNBytes(second.length))
                        .as("a connection that is passed on stays so")
                        .isEqualTo(second);
            }
        }
    }

    @Test
    void whatIsPassedOnIsInTheCap() throws Exception {
        ours = new TestListeners(
                loops,
                List.of("example.social"),
                TestListeners.DIRECT,
                named(bareAddress(), false),
                TestListeners.limits(1, 10, Duration.ofSeconds(10)));
        InetSocketAddress address = ours.listeners.http(TestTls.loopback(0), OtherSitesTest::swallow);
        try (Socket client = connect(address)) {
            client.getOutputStream().write(request("blog.example.org"));
            try (Socket server = accept();
                    Socket more = connect(address)) {
                assertThat(more.getInputStream().read()).isEqualTo(-1);
                assertThat(server.isConnected()).isTrue();
            }
        }
        assertThat(ours.soonCounts(counted -> counted.refusals(Refusal.FULL) == 1))
                .isTrue();
    }

    private static void swallow(Channel connection) {
        connection.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ReferenceCountUtil.release(message);
            }
        });
    }

    /** Writes until nothing is taken for a while, or until {@code most}. */
    private static long fill(SocketChannel client, long most) throws IOException {
        client.configureBlocking(false);
        ByteBuffer some = ByteBuffer.allocate(64 << 10);
        long sent = 0;
        long lastTaken = System.nanoTime();
        while (sent < most && System.nanoTime() - lastTaken < TimeUnit.SECONDS.toNanos(1)) {
            some.clear();
            int n = client.write(some);
            if (n > 0) {
                sent += n;
                lastTaken = System.nanoTime();
            }
        }
        return sent;
    }

    private static long drain(InputStream in) throws IOException {
        byte[] some = new byte[64 << 10];
        long all = 0;
        for (int n = in.read(some); n >= 0; n = in.read(some)) {
            all += n;
        }
        return all;
    }

    private InetSocketAddress https(OtherSites others) throws Exception {
        return https(others, Duration.ofSeconds(20));
    }

    private InetSocketAddress https(OtherSites others, Duration timeout) throws Exception {
        return started(others, timeout).https(TestTls.loopback(0), tls, TestTls::echo);
    }

    private InetSocketAddress http(OtherSites others) throws Exception {
        return http(others, Duration.ofSeconds(20));
    }

    private InetSocketAddress http(OtherSites others, Duration timeout) throws Exception {
        return started(others, timeout).http(TestTls.loopback(0), TestTls::echo);
    }

    private Listeners started(OtherSites others, Duration timeout) {
        ProxyConfig.Limits limits = TestListeners.limits(100, 100, timeout);
        ours = new TestListeners(
                loops, List.of("example.social", "mine.example.org"), TestListeners.DIRECT, others, limits);
        return ours.listeners;
    }

    /** Both schemes at the same address: a test uses one of them. */
    private static OtherSites named(InetSocketAddress target, boolean proxyProtocol) {
        return new OtherSites(
                List.of(new OtherSites.Site(
                        List.of("blog.example.org", "*.example.org"), target, target, proxyProtocol)),
                null);
    }

    private static byte[] request(String host) {
        return ("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket client = new Socket(address.getAddress(), address.getPort());
        client.setSoTimeout(20_000);
        return client;
    }

    private Socket accept() throws IOException {
        Socket server = bare.accept();
        server.setSoTimeout(20_000);
        return server;
    }

    private InetSocketAddress bareAddress() {
        return (InetSocketAddress) bare.getLocalSocketAddress();
    }

    private static ServerSocket bound() {
        try {
            ServerSocket socket = new ServerSocket(0, 50, TestTls.loopback(0).getAddress());
            socket.setSoTimeout(20_000);
            return socket;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SiteCertificate certificate(String... names) throws Exception {
        KeyPair pair = TestCertificates.ec();
        return new SiteCertificate(
                Path.of("test"),
                List.of(TestCertificates.certificate(pair, Instant.now(), Duration.ofDays(1), names)),
                pair.getPrivate());
    }
}
