package sluice.proxy.listen;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.http.Peer;
import sluice.proxy.metrics.LoopMetrics;

/**
 * A client's connection that is for another site: its bytes go there and back as they are. Each side is read no faster than the
 * other one takes it; when one side has said all, the other one is told, and may go on. Confined to the client's event loop.
 */
final class PassedConnection {
    private static final Logger log = LoggerFactory.getLogger(PassedConnection.class);

    private final Channel client;
    private final InetSocketAddress target;
    private final LoopMetrics metrics;
    private final long idleNanos;
    private long lastNanos;
    private int ended;
    private @Nullable Future<?> idleCheck;

    private PassedConnection(Channel client, InetSocketAddress target, ProxyConfig.Limits limits, LoopMetrics metrics) {
        this.client = client;
        this.target = target;
        this.metrics = metrics;
        this.idleNanos = limits.passedIdle().toNanos();
    }

    /**
     * Passes a connection on. No handler that reads may be left in its pipeline but the one that calls, which has read the first
     * bytes.
     *
     * @param first those; released here
     * @param proxyProtocol whether the other server is told who the client is
     */
    static void start(
            Channel client,
            ByteBuf first,
            InetSocketAddress target,
            boolean proxyProtocol,
            ProxyConfig.Limits limits,
            LoopMetrics metrics) {
        new PassedConnection(client, target, limits, metrics).start(first, proxyProtocol, limits);
    }

    private void start(ByteBuf first, boolean proxyProtocol, ProxyConfig.Limits limits) {
        metrics.connectionOpened(LoopMetrics.Protocol.PASSED);
        client.config().setAutoRead(false);
        client.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        Pipe there = new Pipe();
        there.add(proxyProtocol ? Unpooled.wrappedBuffer(header(), first) : first);
        client.pipeline().addLast(there);
        ChannelFuture connecting = new Bootstrap()
                .group(client.eventLoop())
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        limits.upstreamConnect().toMillis())
                .handler(new Pipe(client))
                .connect(target);
        client.closeFuture().addListener(closed -> {
            metrics.connectionClosed(LoopMetrics.Protocol.PASSED);
            there.drop();
            Future<?> check = idleCheck;
            if (check != null) {
                check.cancel(false);
            }
            if (!connecting.isDone()) {
                connecting.channel().close();
            }
        });
        connecting.addListener(done -> connected(connecting, there));
    }

    private void connected(ChannelFuture connecting, Pipe there) {
        Channel server = connecting.channel();
        if (!connecting.isSuccess()) {
            if (client.isActive()) {
                metrics.refused(LoopMetrics.Refusal.OTHER_SITE);
                log.warn(
                        "a connection is closed: the other site at {} cannot be reached: {}",
                        NetUtil.toSocketAddressString(target),
                        connecting.cause().getMessage());
                client.close();
            }
            return;
        }
        if (!client.isActive()) {
            server.close();
            return;
        }
        touch();
        there.to(server);
        server.config().setAutoRead(true);
        idleCheck = client.eventLoop().schedule(this::checkIdle, idleNanos, TimeUnit.NANOSECONDS);
    }

    private void touch() {
        lastNanos = client.eventLoop().ticker().nanoTime();
    }

    private void checkIdle() {
        long left = idleNanos - (client.eventLoop().ticker().nanoTime() - lastNanos);
        if (left <= 0) {
            client.close();
        } else {
            idleCheck = client.eventLoop().schedule(this::checkIdle, left, TimeUnit.NANOSECONDS);
        }
    }

    /** Version 1 (proxy-protocol.txt, 2.1). */
    private ByteBuf header() {
        String line = "PROXY UNKNOWN\r\n";
        if (Peer.of(client) instanceof InetSocketAddress source
                && Peer.destination(client) instanceof InetSocketAddress destination) {
            boolean six = source.getAddress() instanceof Inet6Address;
            if (six == destination.getAddress() instanceof Inet6Address) {
                line = "PROXY " + (six ? "TCP6 " : "TCP4 ") + text(source) + ' ' + text(destination) + ' '
                        + source.getPort() + ' ' + destination.getPort() + "\r\n";
            }
        }
        return Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII);
    }

    private static String text(InetSocketAddress address) {
        String text = NetUtil.toAddressString(address.getAddress());
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** One direction: what its own side says goes to the other one. */
    private final class Pipe extends ChannelInboundHandlerAdapter {
        private @Nullable Channel to;
        /** What was said before the other side was there. */
        private ByteBuf early = Unpooled.EMPTY_BUFFER;

        private boolean allSaid;

        Pipe() {}

        Pipe(Channel to) {
            this.to = to;
        }

        void add(ByteBuf bytes) {
            early = early.isReadable() ? Unpooled.wrappedBuffer(early, bytes) : bytes;
        }

        void drop() {
            early.release();
            early = Unpooled.EMPTY_BUFFER;
        }

        /** The other side is there. */
        void to(Channel other) {
            to = other;
            ByteBuf bytes = early;
            early = Unpooled.EMPTY_BUFFER;
            other.writeAndFlush(bytes);
            if (allSaid) {
                end(other);
            }
            client.config().setAutoRead(other.isWritable());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            touch();
            Channel other = to;
            if (other == null) {
                add((ByteBuf) message);
            } else {
                other.write(message, other.voidPromise());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            Channel other = to;
            if (other != null) {
                other.flush();
            }
        }

        /** This side takes bytes again, or no more: the other one is read accordingly. */
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            touch();
            Channel other = to;
            if (other != null) {
                other.config().setAutoRead(ctx.channel().isWritable());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE && !allSaid) {
                allSaid = true;
                Channel other = to;
                if (other != null) {
                    end(other);
                }
            }
        }

        /** Tells the other side that nothing more comes, behind all that came. */
        private void end(Channel other) {
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
                if (++ended == 2 || !written.isSuccess()) {
                    other.close();
                    client.close();
                } else {
                    ((DuplexChannel) other).shutdownOutput();
                }
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            Channel other = to;
            if (other != null) {
                // What it has said before still goes out.
                other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> other.close());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof IOException)) {
                log.warn("closing a connection to {}: it met a fault", NetUtil.toSocketAddressString(target), cause);
            }
            ctx.close();
        }
    }
}
