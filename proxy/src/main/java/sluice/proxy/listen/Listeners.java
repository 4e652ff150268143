package sluice.proxy.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.http.Peer;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.metrics.LoopMetrics.Refusal;

/**
 * The sockets that clients connect to. One socket for each address; its connections are dealt out to the event loops in turn.
 * Bound by one thread, which also closes them.
 */
public final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    /** IPPROTO_IPV6 and IPV6_V6ONLY of Linux: else [::] would take 0.0.0.0 too, and one of the two could not be bound. */
    private static final ChannelOption<Integer> IPV6_ONLY = new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26);

    private static final int BACKLOG = 1024;
    private static final int EACCES = -13;
    private static final int EADDRINUSE = -98;
    private static final int EADDRNOTAVAIL = -99;

    private final EventLoopGroup loops;
    private final ProxyConfig.Limits limits;
    private final OtherSites others;
    private final OtherNames names;
    private final Function<Channel, LoopMetrics> metrics;
    private final Predicate<InetAddress> trusted;
    private final boolean proxyProtocol;
    private final ConnectionCap cap;
    private final AddressCap addressCap;
    private final List<Channel> sockets = new ArrayList<>();
    private final ChannelGroup connections = new DefaultChannelGroup("clients", GlobalEventExecutor.INSTANCE, true);
    private @Nullable Future<?> ticketRotation;

    /** @param metrics the counters of the loop that a connection lives on */
    public Listeners(EventLoopGroup loops, ProxyConfig config, Function<Channel, LoopMetrics> metrics) {
        this.loops = loops;
        this.limits = config.limits();
        this.others = config.listen().others();
        this.names = new OtherNames(config.domains(), others);
        this.metrics = metrics;
        this.trusted = ClientAddresses.trusted(config.clientAddress());
        this.proxyProtocol = config.clientAddress().kind() == ProxyConfig.ClientAddress.Kind.PROXY_PROTOCOL;
        this.cap = new ConnectionCap(limits.connections());
        this.addressCap = new AddressCap(limits.connectionsPerAddress(), trusted);
    }

    /**
     * Listens for TLS.
     *
     * @param front adds the handlers that speak HTTP to a new connection's pipeline, on the connection's loop
     * @return the address that was really bound, for port 0
     * @throws ListenProblem when the address cannot be bound
     */
    public InetSocketAddress https(InetSocketAddress address, TlsServer tls, Consumer<Channel> front)
            throws ListenProblem {
        if (ticketRotation == null) {
            long age = TlsServer.TICKET_KEY_AGE.toSeconds();
            ticketRotation = loops.next().scheduleAtFixedRate(tls::rotateTicketKeys, age, age, TimeUnit.SECONDS);
        }
        return bind("https", address, connection -> secure(connection, tls, front));
    }

    /** Listens for plain text; else like {@link #https}. */
    public InetSocketAddress http(InetSocketAddress address, Consumer<Channel> front) throws ListenProblem {
        return bind("http", address, connection -> plain(connection, front));
    }

    private void secure(Channel connection, TlsServer tls, Consumer<Channel> front) {
        Duration timeout = limits.handshakeTimeout();
        if (!others.withHttps() && !tls.needsName()) {
            speakTls(connection, tls, null, timeout, front);
            return;
        }
        connection
                .pipeline()
                .addLast(new TlsNameHandler(timeout, metrics.apply(connection), (ctx, first, name, left) -> {
                    OtherSites.Site site = names.of(name);
                    InetSocketAddress target = site == null ? null : site.https();
                    if (site != null && target != null) {
                        pass(ctx, first, target, site.proxyProtocol());
                    } else {
                        speakTls(connection, tls, name, left, front);
                        first.handOver(ctx);
                    }
                }));
    }

    private void speakTls(
            Channel connection, TlsServer tls, @Nullable String name, Duration timeout, Consumer<Channel> front) {
        SslHandler handler = tls.newHandler(name, connection.alloc(), timeout);
        connection.pipeline().addLast(handler, QuickAck.INSTANCE);
        handler.handshakeFuture().addListener(done -> {
            if (!done.isSuccess()) {
                metrics.apply(connection).refused(Refusal.HANDSHAKE);
            }
        });
        front.accept(connection);
    }

    private void plain(Channel connection, Consumer<Channel> front) {
        if (!others.withHttp()) {
            front.accept(connection);
            return;
        }
        connection.pipeline().addLast(new HostNameHandler(limits, metrics.apply(connection), (ctx, first, host) -> {
            OtherSites.Site site = names.of(host);
            InetSocketAddress target = site == null ? null : site.http();
            if (site != null && target != null) {
                pass(ctx, first, target, site.proxyProtocol());
            } else {
                front.accept(connection);
                first.handOver(ctx);
            }
        }));
    }

    private void pass(ChannelHandlerContext ctx, FirstBytes first, InetSocketAddress target, boolean withHeader) {
        ByteBuf bytes = first.take();
        Channel client = ctx.channel();
        PassedConnection.start(client, bytes, target, withHeader, limits, metrics.apply(client));
        ctx.pipeline().remove(first);
    }

    /** How many clients are connected. */
    public int connections() {
        return cap.open();
    }

    /** How many connections were closed because there were too many. */
    public long refused() {
        return cap.refused();
    }

    /** Takes no new connections from now on; those that are there go on. Waits until the sockets are closed. */
    public void stopAccepting() {
        if (ticketRotation != null) {
            ticketRotation.cancel(false);
        }
        for (Channel socket : sockets) {
            socket.close().awaitUninterruptibly();
        }
    }

    /** Closes every connection that is still there, whatever it does. */
    public void closeConnections() {
        connections.close().awaitUninterruptibly();
    }

    private InetSocketAddress bind(String scheme, InetSocketAddress address, Consumer<Channel> front)
            throws ListenProblem {
        boolean ipv6 = address.getAddress() instanceof Inet6Address;
        ServerBootstrap server = new ServerBootstrap()
                .group(loops)
                .channelFactory(() ->
                        new EpollServerSocketChannel(ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET))
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new Connections(front));
        if (ipv6) {
            server.option(IPV6_ONLY, 1);
        }
        ChannelFuture bound = server.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw problem(scheme, address, bound.cause());
        }
        sockets.add(bound.channel());
        InetSocketAddress actual = (InetSocketAddress) bound.channel().localAddress();
        log.info("listening on {}://{}", scheme, NetUtil.toSocketAddressString(actual));
        return actual;
    }

    private static ListenProblem problem(String scheme, InetSocketAddress address, Throwable cause) {
        String where = "listen." + scheme + ": " + NetUtil.toSocketAddressString(address);
        int error = cause instanceof NativeIoException nativeCause ? nativeCause.expectedErr() : 0;
        String why = switch (error) {
            case EADDRINUSE ->
                " is taken by another program; ss -ltnp 'sport = :" + address.getPort() + "' shows which one";
            case EACCES -> " needs a privilege; start as root or give CAP_NET_BIND_SERVICE, as the unit file does";
            case EADDRNOTAVAIL -> " is not an address of this machine; ip address shows those that are";
            default -> " cannot be bound: " + cause;
        };
        return new ListenProblem(where + why, cause);
    }

    /** Each new connection, on its own event loop. */
    private final class Connections extends ChannelInitializer<Channel> {
        private final Consumer<Channel> front;

        Connections(Consumer<Channel> front) {
            this.front = front;
        }

        @Override
        protected void initChannel(Channel connection) {
            if (!cap.admit(connection)) {
                refuse(connection, Refusal.FULL);
                return;
            }
            connections.add(connection);
            if (!proxyProtocol) {
                admit(connection);
            } else if (connection.remoteAddress() instanceof InetSocketAddress peer
                    && trusted.test(peer.getAddress())) {
                connection
                        .pipeline()
                        .addLast(
                                new ProxyProtocolHandler(limits.headTimeout(), metrics.apply(connection), this::admit));
            } else {
                refuse(connection, Refusal.NETWORK);
            }
        }

        /** Lets a connection in of which it is known who the client is. */
        private void admit(Channel connection) {
            if (Peer.of(connection) instanceof InetSocketAddress peer
                    && !addressCap.admit(peer.getAddress(), connection)) {
                refuse(connection, Refusal.ADDRESS);
            } else {
                front.accept(connection);
            }
        }

        private void refuse(Channel connection, Refusal reason) {
            metrics.apply(connection).refused(reason);
            ChannelFuture unused = connection.close();
        }
    }
}
