package sluice.proxy.listen;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private final ConnectionCap cap;
    private final List<Channel> sockets = new ArrayList<>();
    private final ChannelGroup connections = new DefaultChannelGroup("clients", GlobalEventExecutor.INSTANCE, true);
    private @Nullable Future<?> ticketRotation;

    public Listeners(EventLoopGroup loops, int mostConnections) {
        this.loops = loops;
        this.cap = new ConnectionCap(mostConnections);
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
        return bind("https", address, connection -> {
            connection.pipeline().addLast(tls.newHandler(connection.alloc()), QuickAck.INSTANCE);
            front.accept(connection);
        });
    }

    /** Listens for plain text; else like {@link #https}. */
    public InetSocketAddress http(InetSocketAddress address, Consumer<Channel> front) throws ListenProblem {
        return bind("http", address, front);
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
                ChannelFuture unused = connection.close();
                return;
            }
            connections.add(connection);
            front.accept(connection);
        }
    }
}
