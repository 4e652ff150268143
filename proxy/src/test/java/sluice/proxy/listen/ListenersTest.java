package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.proxy.config.Network;

/** On real sockets, with an echo in the place of HTTP. */
class ListenersTest {
    private final Instant now = Instant.now();

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final Listeners listeners = TestListeners.of(loops, 2);

    @AfterEach
    void close() {
        listeners.stopAccepting();
        listeners.closeConnections();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksTlsWithBothKindsOfKeys(String protocol) throws Exception {
        for (KeyPair pair : List.of(TestCertificates.ec(), TestCertificates.rsa())) {
            try (TlsServer tls = TlsServer.of(List.of(certificate(pair, "a.example")), false)) {
                InetSocketAddress address = listeners.https(loopback(0), tls, ListenersTest::echo);
                try (SSLSocket client = client(address, "a.example", protocol)) {
                    client.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
                    assertThat(new String(client.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
                            .isEqualTo("hello");
                    assertThat(client.getSession().getProtocol()).isEqualTo(protocol);
                    assertThat(client.getApplicationProtocol()).isEqualTo("http/1.1");
                }
            }
        }
    }

    @Test
    void agreesOnHttp2WhereItIsOfferedAndNotWithWhoDoesNotAskForIt() throws Exception {
        for (boolean http2 : new boolean[] {true, false}) {
            try (TlsServer tls = TlsServer.of(List.of(certificate(TestCertificates.ec(), "a.example")), http2)) {
                InetSocketAddress address = listeners.https(loopback(0), tls, ListenersTest::echo);
                try (SSLSocket client = client(address, "a.example", "TLSv1.3")) {
                    assertThat(client.getApplicationProtocol()).isEqualTo(http2 ? "h2" : "http/1.1");
                }
                SSLSocket old =
                        (SSLSocket) trusting().getSocketFactory().createSocket(address.getAddress(), address.getPort());
                try (old) {
                    old.startHandshake();
                    assertThat(old.getApplicationProtocol()).isEmpty();
                }
            }
        }
    }

    @Test
    void refusesOldTls() throws Exception {
        // The JDK's client would refuse by itself; BoringSSL's does not.
        SslContext old = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.1")
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
        try (TlsServer tls = TlsServer.of(List.of(certificate(TestCertificates.ec(), "a.example")), false)) {
            InetSocketAddress address = listeners.https(loopback(0), tls, ListenersTest::echo);
            SslHandler handler = old.newHandler(UnpooledByteBufAllocator.DEFAULT);
            new Bootstrap()
                    .group(loops)
                    .channel(EpollSocketChannel.class)
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(handler);
                            echo(channel);
                        }
                    })
                    .connect(address)
                    .sync();
            assertThat(handler.handshakeFuture().await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(handler.handshakeFuture().cause()).hasMessageContaining("PROTOCOL_VERSION");
        }
    }

    @Test
    void choosesTheCertificateByName() throws Exception {
        SiteCertificate a = certificate(TestCertificates.ec(), "a.example");
        SiteCertificate b = certificate(TestCertificates.ec(), "b.example", "*.b.example");
        try (TlsServer tls = TlsServer.of(List.of(a, b), false)) {
            InetSocketAddress address = listeners.https(loopback(0), tls, ListenersTest::echo);
            assertThat(shown(address, "a.example")).isEqualTo(a.chain().get(0));
            assertThat(shown(address, "B.example")).isEqualTo(b.chain().get(0));
            assertThat(shown(address, "files.b.example")).isEqualTo(b.chain().get(0));
            assertThat(shown(address, "unknown.example")).isEqualTo(a.chain().get(0));
        }
    }

    @Test
    void resumesSessionsByTicketAlsoAfterARotation() throws Exception {
        try (TlsServer tls = TlsServer.of(List.of(certificate(TestCertificates.ec(), "a.example")), false)) {
            InetSocketAddress address = listeners.https(loopback(0), tls, ListenersTest::echo);
            SSLContext context = trusting();
            long first = sessionMade(context, address);
            assertThat(sessionMade(context, address)).isEqualTo(first);
            tls.rotateTicketKeys();
            assertThat(sessionMade(context, address)).isEqualTo(first);
        }
    }

    @Test
    void bothKindsOfAnyAddressCanBeBoundAtOnce() throws Exception {
        int port = listeners
                .http(new InetSocketAddress(Network.address("0.0.0.0"), 0), ListenersTest::echo)
                .getPort();
        assertThat(listeners.http(new InetSocketAddress(Network.address("::"), port), ListenersTest::echo))
                .isEqualTo(new InetSocketAddress(Network.address("::"), port));
        for (String address : List.of("127.0.0.1", "::1")) {
            try (Socket client = new Socket(Network.address(address), port)) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
        }
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        InetSocketAddress address = listeners.http(loopback(0), ListenersTest::echo);

        assertThatThrownBy(() -> listeners.http(address, ListenersTest::echo))
                .isInstanceOf(ListenProblem.class)
                .hasMessageStartingWith("listen.http: 127.0.0.1:" + address.getPort() + " is taken by another program");
        assertThatThrownBy(() ->
                        listeners.http(new InetSocketAddress(Network.address("192.0.2.1"), 0), ListenersTest::echo))
                .isInstanceOf(ListenProblem.class)
                .hasMessageContaining("is not an address of this machine");
    }

    @Test
    void closesWhatIsMoreThanTheCapAndTakesOthersWhenThereIsRoomAgain() throws Exception {
        InetSocketAddress address = listeners.http(loopback(0), ListenersTest::echo);
        try (Socket first = echoed(address);
                Socket second = echoed(address)) {
            try (Socket third = new Socket(address.getAddress(), address.getPort())) {
                assertThat(endOf(third)).isTrue();
            }
            assertThat(listeners.refused()).isEqualTo(1);
            assertThat(second.isClosed()).isFalse();
            first.shutdownOutput();
            assertThat(first.getInputStream().read()).isEqualTo(-1);
            // The place is free once the loop has seen the end; until then a try ends like the one above.
            Socket fourth = null;
            for (long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                    fourth == null && System.nanoTime() < until; ) {
                fourth = triedEcho(address);
            }
            assertThat(fourth).isNotNull();
            fourth.close();
        }
    }

    @Test
    void stopsAcceptingAndLeavesConnectionsAlone() throws Exception {
        InetSocketAddress address = listeners.http(loopback(0), ListenersTest::echo);
        try (Socket client = echoed(address)) {
            listeners.stopAccepting();
            assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
                    .isInstanceOf(IOException.class);
            client.getOutputStream().write('y');
            assertThat(client.getInputStream().read()).isEqualTo('y');
            listeners.closeConnections();
            assertThat(endOf(client)).isTrue();
        }
    }

    private static void echo(Channel connection) {
        connection.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.writeAndFlush(message);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                // A handshake that fails on purpose.
                ctx.close();
            }
        });
    }

    private SiteCertificate certificate(KeyPair pair, String... names) throws Exception {
        X509Certificate certificate = TestCertificates.certificate(pair, now, Duration.ofDays(1), names);
        return new SiteCertificate(Path.of("test"), List.of(certificate), pair.getPrivate());
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static X509Certificate shown(InetSocketAddress address, String name) throws Exception {
        try (SSLSocket client = client(address, name, "TLSv1.3")) {
            return (X509Certificate) client.getSession().getPeerCertificates()[0];
        }
    }

    private static long sessionMade(SSLContext context, InetSocketAddress address) throws Exception {
        try (SSLSocket client = client(context, address, "a.example", "TLSv1.3")) {
            // The ticket comes behind the handshake, at the latest with the echo.
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
            return client.getSession().getCreationTime();
        }
    }

    private static SSLSocket client(InetSocketAddress address, String name, String protocol) throws Exception {
        return client(trusting(), address, name, protocol);
    }

    private static SSLSocket client(SSLContext context, InetSocketAddress address, String name, String protocol)
            throws Exception {
        SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        SSLParameters parameters = client.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        parameters.setServerNames(List.of(new SNIHostName(name)));
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        client.setSSLParameters(parameters);
        client.startHandshake();
        return client;
    }

    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsAnybody()}, null);
        return context;
    }

    private static Socket echoed(InetSocketAddress address) throws IOException {
        Socket client = new Socket(address.getAddress(), address.getPort());
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
        return client;
    }

    private static Socket triedEcho(InetSocketAddress address) throws IOException {
        Socket client = new Socket(address.getAddress(), address.getPort());
        try {
            client.getOutputStream().write('x');
            if (client.getInputStream().read() == 'x') {
                return client;
            }
        } catch (IOException closedAtOnce) {
            // As if the answer had been the end.
        }
        client.close();
        return null;
    }

    private static boolean endOf(Socket client) throws IOException {
        client.setSoTimeout(10_000);
        InputStream in = client.getInputStream();
        return in.read() == -1;
    }

    private static final class TrustsAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
