package sluice.proxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.metrics.LoopMetrics;

/**
 * One event loop's connections to one service. Last in, first out, so that those that are not needed grow old and are closed.
 * Confined to the loop.
 */
public final class Pool {
    /** Idle connections kept at most: more than Puma and node have workers for. */
    private static final int MAX_IDLE = 256;
    /** A write goes only over a connection that rested no longer than this (invariant 3). */
    static final long MAX_REST_FOR_WRITE = TimeUnit.SECONDS.toNanos(1);

    private final Endpoint endpoint;
    private final int side;
    private final EventLoop loop;
    private final LoopMetrics metrics;
    private final ProxyConfig.Limits limits;
    private final LongSupplier clock;
    private final Bootstrap bootstrap;
    private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    private boolean closed;

    Pool(
            Endpoint endpoint,
            int side,
            EventLoop loop,
            LoopMetrics metrics,
            ProxyConfig.Limits limits,
            LongSupplier clock) {
        this.endpoint = endpoint;
        this.side = side;
        this.loop = loop;
        this.metrics = metrics;
        this.limits = limits;
        this.clock = clock;
        this.bootstrap = new Bootstrap()
                .group(loop)
                .channel(endpoint.unix() ? EpollDomainSocketChannel.class : EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        limits.upstreamConnect().toMillis())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 << 10, 128 << 10));
        if (!endpoint.unix()) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
    }

    /**
     * A connection for one request: one that rests here, or a new one that is still being made.
     *
     * @param safe whether the request may be sent again if the connection turns out to be dead
     * @param fresh whether it has to be a new one
     */
    public UpstreamConnection take(Caller caller, boolean safe, boolean fresh) {
        assert loop.inEventLoop();
        if (!fresh && !idle.isEmpty()) {
            long oldest = clock.getAsLong()
                    - (safe
                            ? limits.upstreamIdle().toNanos()
                            : Math.min(MAX_REST_FOR_WRITE, limits.upstreamIdle().toNanos()));
            for (UpstreamConnection c = idle.pollLast(); c != null; c = idle.pollLast()) {
                if (c.usable() && c.restsSince() - oldest >= 0) {
                    metrics.upstreamConnections(side, 1, -1);
                    c.begin(caller);
                    return c;
                }
                if (c.usable()) {
                    // The freshest is too old for a write: the others are older, and good for reads still.
                    idle.addLast(c);
                    break;
                }
            }
        }
        return connect(caller);
    }

    private UpstreamConnection connect(Caller caller) {
        UpstreamConnection connection = new UpstreamConnection(this, loop, limits.headBytes());
        metrics.upstreamConnections(side, 1, 0);
        connection.begin(caller);
        if (endpoint.address() instanceof InetSocketAddress inet && inet.isUnresolved()) {
            UnknownHostException cause = new UnknownHostException(inet.getHostString());
            loop.execute(() -> failed(connection, cause));
            return connection;
        }
        open(connection, channel -> connected(connection), cause -> failed(connection, cause));
        return connection;
    }

    /** Connects to see whether that is possible, certificate included; the connection carries nothing. */
    void probe() {
        if (endpoint.address() instanceof InetSocketAddress inet && inet.isUnresolved()) {
            endpoint.unreachable(new UnknownHostException(inet.getHostString()));
            return;
        }
        open(
                new ChannelInboundHandlerAdapter(),
                channel -> {
                    endpoint.connected();
                    channel.close();
                },
                endpoint::unreachable);
    }

    /** Connects, with TLS if that is asked for, and says on the loop how it went. */
    private void open(ChannelHandler last, Consumer<Channel> up, Consumer<Throwable> down) {
        ChannelFuture connecting = bootstrap
                .clone()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        SslContext tls = endpoint.tls();
                        if (tls != null) {
                            SslHandler handler = tls.newHandler(ch.alloc(), endpoint.peerName(), endpoint.port());
                            handler.setHandshakeTimeoutMillis(
                                    limits.upstreamConnect().toMillis());
                            ch.pipeline().addLast(handler);
                        }
                        ch.pipeline().addLast(last);
                    }
                })
                .connect(endpoint.address());
        connecting.addListener((ChannelFuture f) -> {
            if (!f.isSuccess()) {
                down.accept(f.cause());
                return;
            }
            SslHandler tls = f.channel().pipeline().get(SslHandler.class);
            if (tls == null) {
                up.accept(f.channel());
                return;
            }
            tls.handshakeFuture().addListener(h -> {
                if (h.isSuccess()) {
                    up.accept(f.channel());
                } else {
                    f.channel().close();
                    down.accept(h.cause());
                }
            });
        });
    }

    private void connected(UpstreamConnection connection) {
        endpoint.connected();
        connection.connected();
    }

    private void failed(UpstreamConnection connection, Throwable cause) {
        endpoint.unreachable(cause);
        metrics.upstreamConnections(side, -1, 0);
        connection.connectFailed(cause);
    }

    /** Takes a connection back whose request and answer are complete. */
    void rest(UpstreamConnection connection) {
        if (closed || idle.size() >= MAX_IDLE) {
            connection.close();
            return;
        }
        metrics.upstreamConnections(side, -1, 1);
        connection.restFrom(clock.getAsLong());
        idle.addLast(connection);
    }

    /** A connection is gone. */
    void gone(UpstreamConnection connection, boolean rested) {
        if (rested) {
            idle.remove(connection);
        }
        metrics.upstreamConnections(side, rested ? 0 : -1, rested ? -1 : 0);
    }

    /** Closes what has rested for too long. */
    void sweep() {
        long oldest = clock.getAsLong() - limits.upstreamIdle().toNanos();
        for (UpstreamConnection c = idle.peekFirst(); c != null; c = idle.peekFirst()) {
            if (c.restsSince() - oldest > 0) {
                return;
            }
            c.close();
            idle.remove(c);
        }
    }

    void close() {
        closed = true;
        for (UpstreamConnection connection : new ArrayDeque<>(idle)) {
            connection.close();
        }
    }

    int resting() {
        return idle.size();
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
