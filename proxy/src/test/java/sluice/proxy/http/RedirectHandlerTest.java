package sluice.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.proxy.config.ProxyConfig;

/** Port 80, on real sockets. */
@Timeout(60)
class RedirectHandlerTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private Channel server;

    private Wire client(ProxyConfig.Limits limits) throws IOException {
        server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline()
                                .addLast(new RedirectHandler(
                                        limits,
                                        new Challenges(null, null, Runnable::run),
                                        ClientAddressRule.DIRECT,
                                        null));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        return new Wire(((InetSocketAddress) server.localAddress()).getPort());
    }

    @AfterEach
    void close() {
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @ParameterizedTest
    @CsvSource({
        "example.social, /, https://example.social/",
        "example.social:80, /a?b=c&d, https://example.social/a?b=c&d",
        "EXAMPLE.social:8080, /%7Euser/, https://EXAMPLE.social/%7Euser/",
        "[::1], /x, https://[::1]/x",
        "[2001:db8::80]:80, /x, https://[2001:db8::80]/x",
        "127.0.0.1:80, /x, https://127.0.0.1/x"
    })
    void keepsHostAndPath(String host, String target, String location) throws IOException {
        try (Wire client = client(ProxyConfig.Limits.DEFAULT)) {
            client.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            Wire.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(301);
            assertThat(answer.has("Location: " + location)).as(answer.head()).isTrue();
            assertThat(answer.has("Connection: close")).isTrue();
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void aHeadInPiecesIsOne() throws IOException {
        try (Wire client = client(ProxyConfig.Limits.DEFAULT)) {
            for (char c : "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.answer().has("Location: https://a/")).isTrue();
        }
    }

    @Test
    void whoSendsMoreCanReadTheAnswerAllTheSame() throws IOException {
        try (Wire client = client(ProxyConfig.Limits.DEFAULT)) {
            client.send("POST /inbox HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n")
                    .send(new byte[4_000_000]);
            assertThat(client.answer().has("Location: https://a/inbox")).isTrue();
            assertThat(client.closed()).as("an end, not a reset").isTrue();
        }
    }

    @Test
    void whatIsNotHttpIsRefused() throws IOException {
        try (Wire client = client(ProxyConfig.Limits.DEFAULT)) {
            client.send("GET / HTTP/1.1\nHost: a\n\n").send("x".repeat(100_000));
            assertThat(client.answer().status()).isEqualTo(400);
            assertThat(client.closed()).isTrue();
        }
    }

    @Test
    void aHostThatWouldLeadElsewhereIsRefused() throws IOException {
        try (Wire client = client(ProxyConfig.Limits.DEFAULT)) {
            client.send("GET / HTTP/1.1\r\nHost: a/b@evil.example\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(400);
        }
    }

    @Test
    void whoSaysNothingIsSentAway() throws IOException {
        Duration soon = Duration.ofMillis(100);
        try (Wire client = client(BenchPlan.limits(1, 1, soon, soon))) {
            assertThat(client.send("GET / HT").closed()).isTrue();
        }
    }
}
