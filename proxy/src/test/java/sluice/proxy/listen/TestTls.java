package sluice.proxy.listen;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** TLS clients of the JDK that trust everybody, and an echo for them to talk to. */
final class TestTls {
    private TestTls() {}

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** In the place of HTTP. */
    static void echo(Channel connection) {
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

    static SSLContext trusting(KeyManager... keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {new TrustsAnybody()}, null);
        return context;
    }

    static SSLSocket client(SSLContext context, InetSocketAddress address, String name, String protocol)
            throws IOException {
        SSLSocket client = (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
        client.setSoTimeout(20_000);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
        client.setSSLParameters(parameters);
        client.startHandshake();
        return client;
    }

    /** The certificate that a new connection gets. */
    static X509Certificate shown(InetSocketAddress address, String name) throws Exception {
        try (SSLSocket client = client(trusting(), address, name, "TLSv1.3")) {
            return (X509Certificate) client.getSession().getPeerCertificates()[0];
        }
    }

    /** One byte there and back. */
    static boolean echoes(java.net.Socket client) throws IOException {
        client.getOutputStream().write('x');
        client.getOutputStream().flush();
        return client.getInputStream().read() == 'x';
    }

    /** When the session began that a new connection has: the same again when it was resumed. */
    static long sessionMade(SSLContext context, InetSocketAddress address, String name, String protocol)
            throws IOException {
        try (SSLSocket client = client(context, address, name, protocol)) {
            // The ticket comes behind the handshake, at the latest with the echo.
            if (!echoes(client)) {
                throw new IOException("no echo");
            }
            return client.getSession().getCreationTime();
        }
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
