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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;

/** Port 80: challenges of certificate authorities, and everybody else to https. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines end in CRLF
class ChallengesTest {
    private static final String TOKEN = "/.well-known/acme-challenge/x6dGmBnnn0PXzOkO5QRX0Q";

    @TempDir
    Path root;

    private final LittleSite other = LittleSite.ok();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private PublicFiles files;
    private Channel server;

    @BeforeEach
    void open() {
        files = new PublicFiles(
                root,
                ProxyConfig.Preset.PLAIN,
                ProxyConfig.Files.byDefault(ProxyConfig.Preset.PLAIN),
                System::nanoTime,
                Clock.systemUTC());
        server = serve(other.uri());
    }

    private Channel serve(URI to) {
        Challenges challenges = new Challenges(files, to, Runnable::run);
        return new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        ch.pipeline()
                                .addLast(new RedirectHandler(
                                        ProxyConfig.Limits.DEFAULT, challenges, ClientAddressRule.DIRECT, null));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void close() throws IOException {
        server.close().syncUninterruptibly();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        files.close();
        other.close();
    }

    private static Wire.Answer get(Channel from, String line) throws IOException {
        try (Wire client = new Wire(((InetSocketAddress) from.localAddress()).getPort())) {
            Wire.Answer answer =
                    client.send(line + "\r\nHost: example.social:80\r\n\r\n").answer(line.startsWith("HEAD "));
            assertThat(client.closed()).isTrue();
            return answer;
        }
    }

    @Test
    void everybodyElseGoesToHttps() throws IOException {
        for (String method : new String[] {"GET", "HEAD", "POST", "DELETE"}) {
            Wire.Answer answer = get(server, method + " /a/b%20c?d=e&f HTTP/1.1");
            assertThat(answer.status()).isEqualTo(301);
            assertThat(answer.has("Location: https://example.social/a/b%20c?d=e&f"))
                    .isTrue();
        }
        assertThat(get(server, "GET /.well-known/webfinger?x HTTP/1.1").status())
                .isEqualTo(301);
        assertThat(get(server, "GET /.well-known/acme-challenge/ HTTP/1.1").status())
                .isEqualTo(301);
        assertThat(get(server, "POST " + TOKEN + " HTTP/1.1").status()).isEqualTo(301);
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void aChallengeIsFoundHereAsSoonAsItIsWritten() throws IOException {
        assertThat(get(server, "GET " + TOKEN + " HTTP/1.1").text()).isEqualTo("ok");
        String second = "/.well-known/acme-challenge/second";
        Files.createDirectories(root.resolve(".well-known/acme-challenge"));
        Files.writeString(root.resolve(second.substring(1)), "second.thumbprint");
        Wire.Answer answer = get(server, "GET " + second + " HTTP/1.1");
        assertThat(answer.text()).isEqualTo("second.thumbprint");
        assertThat(answer.head()).doesNotContain("Strict-Transport");
        assertThat(get(server, "HEAD " + second + " HTTP/1.0").has("Content-Length: 17"))
                .isTrue();
        assertThat(other.requests()).hasSize(1);
    }

    @Test
    void whatIsNotHereIsAskedOfTheOtherHost() throws IOException {
        other.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
            c.send("token.");
            c.send("thumbprint");
            c.socket().close();
        });
        assertThat(get(server, "GET " + TOKEN + "?q HTTP/1.1").text()).isEqualTo("token.thumbprint");
        LittleSite.Request asked = other.requests().get(0);
        assertThat(asked.line()).isEqualTo("GET " + TOKEN + "?q HTTP/1.1");
        assertThat(asked.has("Host: example.social:80")).isTrue();
        assertThat(asked.has("Connection: close")).isTrue();
    }

    @Test
    void nothingLeadsOutOfTheFolder() throws IOException {
        Files.writeString(root.resolve("secret"), "secret");
        other.behave(
                (request, c) -> c.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        for (String path : new String[] {
            "../../secret", "a/../../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", ".hidden", "%00"
        }) {
            assertThat(get(server, "GET /.well-known/acme-challenge/" + path + " HTTP/1.1")
                            .status())
                    .as(path)
                    .isEqualTo(301);
        }
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void isNotThereWhenTheOtherHostSaysNothingThatIsOfUse() throws IOException {
        other.behave((request, c) -> c.reset());
        assertThat(get(server, "GET " + TOKEN + " HTTP/1.1").status()).isEqualTo(404);
        other.behave((request, c) -> c.send("SSH-2.0-OpenSSH\r\n\r\n"));
        other.behave((request, c) -> {
            c.send("SSH-2.0-OpenSSH\r\n");
            c.socket().close();
        });
        assertThat(get(server, "GET " + TOKEN + " HTTP/1.1").status()).isEqualTo(404);
        other.behave((request, c) -> {
            c.send("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(70_000));
            c.socket().close();
        });
        assertThat(get(server, "GET " + TOKEN + " HTTP/1.1").status()).isEqualTo(404);
        Channel nobody = serve(null);
        assertThat(get(nobody, "GET " + TOKEN + " HTTP/1.1").status()).isEqualTo(404);
        nobody.close().syncUninterruptibly();
        other.close();
        assertThat(get(server, "GET " + TOKEN + " HTTP/1.1").status()).isEqualTo(404);
    }

    @Test
    void doesNotAskItselfForEver() throws IOException {
        Channel last = serve(URI.create("http://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort()));
        assertThat(get(last, "GET " + TOKEN + " HTTP/1.1").status()).isEqualTo(404);
        assertThat(other.requests()).isEmpty();
        last.close().syncUninterruptibly();
    }
}
