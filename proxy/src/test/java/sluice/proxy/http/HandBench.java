package sluice.proxy.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.InFlightNow;
import sluice.proxy.gate.Loop;
import sluice.proxy.gate.Time;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Classifier;
import sluice.proxy.route.FileDisk;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;
import sluice.proxy.upstream.Upstreams;

/**
 * The request path with its real gate between a client and a site, on real sockets, all of it on one event loop that the caller's
 * thread runs by hand and whose clock stands still until it is told: the same bytes always take the same course. For the thread
 * that made it.
 */
final class HandBench implements AutoCloseable {
    /** Longer than every time-out one after another. */
    private static final Duration LONG = Duration.ofMinutes(12);

    private static final Duration STEP = Duration.ofSeconds(5);
    /** So many loopback addresses take turns, lest the ports of one run out. */
    private static final int ADDRESSES = 200;

    private final MockTicker ticker = Ticker.newMockTicker();
    private final ManualIoEventLoop loop =
            new ManualIoEventLoop(null, Thread.currentThread(), EpollIoHandler.newFactory(), ticker);
    private final ScheduledExecutorService switchboard = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "switchboard");
        thread.setDaemon(true);
        return thread;
    });
    private final Path directory;
    private final List<Channel> servers = new ArrayList<>();
    private final int port;
    private final Spool spool;
    private final Gate gate;
    final RequestPath path;

    private Site site = (connection, bytes) -> {};
    private Wanted wanted = Wanted.HTTP1;
    private final List<SiteConnection> asked = new ArrayList<>();
    private int clients;

    /** What the next client's connection is for the proxy. */
    enum Wanted {
        HTTP1,
        /** HTTP/1, and the client speaks https. */
        HTTP1_TLS,
        HTTP2
    }

    /** What the site does. */
    interface Site {
        /** Bytes have come; all of them so far are in the connection. */
        void read(SiteConnection connection, byte[] bytes);
    }

    /** An end of a connection that the test has. */
    static class End {
        private final ByteArrayOutputStream got = new ByteArrayOutputStream();
        Channel channel;
        boolean closed;

        byte[] got() {
            return got.toByteArray();
        }

        void send(byte[] bytes) {
            channel.writeAndFlush(Unpooled.copiedBuffer(bytes));
        }
    }

    /** A connection of the proxy to the site. */
    static final class SiteConnection extends End {
        /** How many requests were read from it. */
        final List<PlainHttp.Request> requests = new ArrayList<>();
        /** How many bytes they are. */
        int parsed;
    }

    HandBench() {
        try {
            directory = Files.createTempDirectory("hand-bench");
            DomainSocketAddress upstream =
                    new DomainSocketAddress(directory.resolve("site").toString());
            URI uri = URI.create("unix:" + directory.resolve("site"));
            ProxyConfig.Upstream side = new ProxyConfig.Upstream(uri, uri, null, null);
            ProxyConfig.Limits limits = ProxyConfig.Limits.DEFAULT;
            Path state = Files.createDirectory(directory.resolve("state"));
            gate = Gate.open(
                    ProxyConfig.Gate.DEFAULT,
                    Side.OLD,
                    new StateFile(new FileDisk(state)),
                    switchboard,
                    new Time(ticker::nanoTime, InstantSource.system()),
                    List.of(new Loop() {
                        @Override
                        public void execute(Runnable task) {
                            loop.execute(task);
                        }

                        @Override
                        public boolean inLoop() {
                            return loop.inEventLoop();
                        }
                    }));
            spool = new Spool(directory.resolve("spool"), limits.spoolTotal());
            path = new RequestPath(
                    loop,
                    1,
                    gate.loopGate(0),
                    new LoopMetrics(),
                    new Upstreams(new ProxyConfig.Upstreams("old", side, side), limits, Runnable::run),
                    limits,
                    spool,
                    new Classifier(ProxyConfig.Preset.MASTODON),
                    Answers.PLAIN,
                    ClientAddressRule.DIRECT,
                    ticker::nanoTime,
                    null,
                    true,
                    null);
            servers.add(bound(new ServerBootstrap()
                    .group(loop)
                    .channel(EpollServerDomainSocketChannel.class)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel ch) {
                            SiteConnection connection = new SiteConnection();
                            connection.channel = ch;
                            asked.add(connection);
                            ch.pipeline().addLast(new Reading(connection));
                        }
                    })
                    .bind(upstream)));
            ChannelInitializer<Channel> front = new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel ch) {
                    InetSocketAddress somebody = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
                    sluice.proxy.http.Peer.announce(ch, somebody, somebody);
                    if (wanted == Wanted.HTTP2) {
                        Http2Front.install(path, ch);
                    } else {
                        ch.pipeline().addLast(new FrontHandler(path, wanted == Wanted.HTTP1_TLS));
                    }
                }
            };
            servers.add(bound(new ServerBootstrap()
                    .group(loop)
                    .channel(EpollServerDomainSocketChannel.class)
                    .childHandler(front)
                    .bind(new DomainSocketAddress(directory.resolve("front").toString()))));
            Channel tcp = bound(new ServerBootstrap()
                    .group(loop)
                    .channel(EpollServerSocketChannel.class)
                    .childHandler(front)
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            servers.add(tcp);
            port = ((InetSocketAddress) tcp.localAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Channel bound(io.netty.channel.ChannelFuture binding) {
        turn();
        if (!binding.isSuccess()) {
            throw new IllegalStateException(binding.cause());
        }
        return binding.channel();
    }

    private final class Reading extends ChannelInboundHandlerAdapter {
        private final End end;

        Reading(End end) {
            this.end = end;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            byte[] bytes = new byte[in.readableBytes()];
            in.readBytes(bytes).release();
            end.got.writeBytes(bytes);
            if (end instanceof SiteConnection connection) {
                site.read(connection, bytes);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end.closed = true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
            if (cause instanceof Error error) {
                throw error;
            }
        }
    }

    /** Begins anew, with another site. */
    void site(Site other) {
        asked.clear();
        site = other;
    }

    /** All connections to the site since then. */
    List<SiteConnection> asked() {
        return asked;
    }

    /**
     * A client that has connected.
     *
     * @param tcp else it comes over a unix socket, which is faster, and cannot tell whether a client has only half-closed
     */
    End client(Wanted as, boolean tcp) {
        wanted = as;
        End client = new End();
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(tcp ? EpollSocketChannel.class : EpollDomainSocketChannel.class)
                .handler(new Reading(client));
        io.netty.channel.ChannelFuture connecting = tcp
                ? bootstrap.connect(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        new InetSocketAddress("127.0.1." + (1 + clients++ % ADDRESSES), 0))
                : bootstrap.connect(
                        new DomainSocketAddress(directory.resolve("front").toString()));
        turn();
        if (!connecting.isSuccess()) {
            throw new IllegalStateException(connecting.cause());
        }
        client.channel = connecting.channel();
        return client;
    }

    /** The client sends its FIN. */
    void halfClose(End client) {
        if (client.channel.isActive()) {
            ((DuplexChannel) client.channel).shutdownOutput();
        }
        turn();
    }

    /** Runs until nothing is left to be done. */
    void turn() {
        int done = 1;
        while (done > 0) {
            done = loop.runNow();
        }
    }

    void pass(Duration time) {
        ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
        turn();
        path.sweep();
        turn();
    }

    /**
     * Lets time pass until the client's connection is closed by the proxy, which it must be at last, and until nothing is left of
     * it: no connection, no request at the gate, no buffer.
     */
    void end(End client) {
        for (long passed = 0; !client.closed && passed < LONG.toNanos(); passed += STEP.toNanos()) {
            pass(STEP);
        }
        if (!client.closed) {
            throw new AssertionError("the connection neither closes nor goes on");
        }
        for (int i = 0; i < 40 && !atRest(); i++) {
            pass(STEP);
        }
        if (!atRest()) {
            throw new AssertionError("something is left: " + path.connections().count() + " connections, "
                    + path.pools().resting() + " resting, " + path.memory().left() + " bytes for bodies");
        }
    }

    private boolean atRest() {
        return path.connections().count() == 0
                && path.pools().resting() == 0
                && asked.stream().allMatch(connection -> connection.closed)
                && path.memory().left() == ProxyConfig.Limits.DEFAULT.bodyMemoryTotal();
    }

    /** How many requests the gate believes to be in flight. */
    int inFlight() {
        return InFlightNow.of(gate.loopGate(0)).size();
    }

    /** Whether {@link #buffers} is exact: only when no thread keeps released buffers to itself. */
    static boolean countsBuffers() {
        return PooledByteBufAllocator.defaultSmallCacheSize() == 0
                && PooledByteBufAllocator.defaultNormalCacheSize() == 0;
    }

    /** How many buffers are in use. */
    static long buffers() {
        PooledByteBufAllocatorMetric metric = PooledByteBufAllocator.DEFAULT.metric();
        return Stream.concat(metric.directArenas().stream(), metric.heapArenas().stream())
                .mapToLong(arena -> arena.numActiveAllocations())
                .sum();
    }

    @Override
    public void close() {
        servers.forEach(Channel::close);
        turn();
        gate.stop();
        io.netty.util.concurrent.Future<?> end = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!end.isDone()) {
            ticker.advance(1, TimeUnit.SECONDS);
            loop.runNow();
        }
        switchboard.shutdown();
        spool.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
