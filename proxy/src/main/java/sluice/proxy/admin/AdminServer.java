package sluice.proxy.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.Caller;
import sluice.proxy.gate.Gate;

/**
 * The admin endpoint: unix sockets, and TCP with a token. It has one event loop of its own, so that no call is ever in the way of
 * a request, and no request in the way of a call.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

    private static final int MAX_BODY = 64 * 1024;
    private static final int IDLE_SECONDS = 60;

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("admin"), EpollIoHandler.newFactory());
    private final EventLoop eventLoop;
    private final AdminApi api;
    private final Events events;
    private final List<Channel> listening = new ArrayList<>();
    private final List<SocketFile> files = new ArrayList<>();

    private AdminServer(Gate gate, Sources sources) {
        this.api = new AdminApi(gate, sources, InstantSource.system());
        this.eventLoop = loop.next();
        this.events = new Events(gate, sources, eventLoop);
    }

    /**
     * Listens wherever the configuration says. Blocks; not to be called on an event loop.
     *
     * @throws IOException an address is in use, or the token cannot be read; nothing listens then
     */
    public static AdminServer start(ProxyConfig.Listen listen, Gate gate, Sources sources) throws IOException {
        AdminServer server = new AdminServer(gate, sources);
        try {
            Access access = new Access(Tokens.read(listen.tokenFile()));
            for (Path socket : listen.adminSockets()) {
                server.listenOn(socket);
            }
            for (InetSocketAddress address : listen.adminAddresses()) {
                server.listenOn(address, access);
            }
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    /** The TCP addresses that it listens on, in the order of the configuration, with their real ports. */
    public List<InetSocketAddress> addresses() {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Channel channel : listening) {
            if (channel.localAddress() instanceof InetSocketAddress address) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    /** For tests: the listeners to events. */
    Events events() {
        return events;
    }

    /** Stops listening and closes what is open. Blocks. */
    @Override
    public void close() {
        for (Channel channel : listening) {
            channel.close().awaitUninterruptibly();
        }
        // Before its own loop ends, so that listeners see an end and not a fault.
        if (!eventLoop.isShuttingDown()) {
            eventLoop.submit(events::close).awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
        for (SocketFile file : files) {
            try {
                file.remove();
            } catch (IOException e) {
                LOG.warn("An admin socket stays behind: {}", e.toString());
            }
        }
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void listenOn(Path socket) throws IOException {
        SocketFile file = new SocketFile(socket);
        file.makeRoom();
        // The folder of the socket is what guards it until its mode is set.
        ServerBootstrap bootstrap = bootstrap(null, ctx -> new Caller(peer(ctx), "unix:" + socket))
                .channel(EpollServerDomainSocketChannel.class);
        listening.add(bind(bootstrap, new DomainSocketAddress(socket.toFile())));
        files.add(file);
        file.guard();
        LOG.info("Admin on unix:{}", socket);
    }

    private void listenOn(InetSocketAddress address, Access access) throws IOException {
        if (!address.getAddress().isLoopbackAddress()) {
            throw new IOException("admin over TCP is for loopback only, not " + address);
        }
        ServerBootstrap bootstrap = bootstrap(
                        access,
                        ctx -> new Caller(Access.NOBODY, "tcp:" + ctx.channel().remoteAddress()))
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true);
        Channel channel = bind(bootstrap, address);
        listening.add(channel);
        LOG.info("Admin on {}", channel.localAddress());
    }

    private ServerBootstrap bootstrap(@Nullable Access access, Function<ChannelHandlerContext, Caller> caller) {
        return new ServerBootstrap()
                .group(loop)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(MAX_BODY))
                                .addLast(new FlowControlHandler())
                                .addLast(new AdminHandler(api, events, access, caller));
                    }
                });
    }

    private static Channel bind(ServerBootstrap bootstrap, SocketAddress address) throws IOException {
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + address + ": " + bound.cause(), bound.cause());
        }
        return bound.channel();
    }

    /** Who is at the other end of a unix socket, as the kernel says. */
    private static String peer(ChannelHandlerContext ctx) {
        try {
            var peer = ((EpollDomainSocketChannel) ctx.channel()).peerCredentials();
            return "uid " + peer.uid() + " pid " + peer.pid();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
