package sluice.proxy.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.TestConfig;
import sluice.proxy.gate.Caller;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.HoldCommand;
import sluice.proxy.gate.Loop;
import sluice.proxy.gate.ReleaseCommand;
import sluice.proxy.gate.Time;
import sluice.proxy.listen.Listeners;
import sluice.proxy.listen.SteadyEpoll;
import sluice.proxy.listen.TlsServer;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Classifier;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.FileDisk;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;
import sluice.proxy.upstream.Upstreams;

/** The request path of one event loop with the real gate, on a plain TCP port: everything but listeners and TLS. */
final class Bench implements AutoCloseable {
    private static final Caller TEST = new Caller("test", "test");

    final Gate gate;
    final RequestPath path;
    final LoopMetrics metrics = new LoopMetrics();
    final Spool spool;
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, SteadyEpoll.factory());
    private final EventLoop loop = group.next();
    private final List<Channel> clients = new ArrayList<>();
    private final ScheduledExecutorService switchboard = Executors.newSingleThreadScheduledExecutor();
    private final Channel server;
    /** How far the request path's clock goes before the real one, in nanoseconds. */
    private final AtomicLong ahead = new AtomicLong();

    private final Path directory;
    private @Nullable Listeners listeners;
    private @Nullable TlsServer tls;

    /** Two sites, and everything else as it is by default. */
    Bench(Path directory, LittleSite old, LittleSite next) throws IOException {
        this(BenchPlan.of(directory, old, next));
    }

    Bench(BenchPlan plan) throws IOException {
        this.directory = plan.directory();
        ProxyConfig.Limits limits = plan.limits();
        Loop gateLoop = new Loop() {
            @Override
            public void execute(Runnable task) {
                loop.execute(task);
            }

            @Override
            public boolean inLoop() {
                return loop.inEventLoop();
            }
        };
        Path state = Files.createDirectories(directory.resolve("state"));
        gate = Gate.open(
                plan.bounds(),
                Side.OLD,
                new StateFile(new FileDisk(state)),
                switchboard,
                Time.system(),
                List.of(gateLoop));
        gate.begin().toCompletableFuture().join();
        spool = new Spool(directory.resolve("spool"), limits.spoolTotal());
        path = new RequestPath(
                loop,
                1,
                gate.loopGate(0),
                metrics,
                new Upstreams(new ProxyConfig.Upstreams("old", plan.old(), plan.next()), limits, Runnable::run),
                limits,
                spool,
                new Classifier(plan.rules(), ProxyConfig.Preset.MASTODON),
                new Answers(plan.page()),
                ClientAddressRule.DIRECT,
                () -> System.nanoTime() + ahead.get(),
                plan.files(),
                true,
                plan.accessLog() == null ? null : plan.accessLog().loopLog(),
                null);
        path.start();
        server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel ch) {
                        clients.add(ch);
                        // Not path.install, which waits for a handshake.
                        ch.pipeline().addLast(new FrontHandler(path, plan.tls()));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    Wire client() throws IOException {
        return new Wire(port());
    }

    /** Listens for TLS too, as the program does; its port. */
    int listenTls() throws Exception {
        URI nowhere = URI.create("http://127.0.0.1:1");
        ProxyConfig config = TestConfig.of(directory.resolve("tls"), nowhere, nowhere);
        TlsServer made = TlsServer.load(config, Instant.now());
        tls = made;
        listeners = new Listeners(group, config, connection -> metrics);
        return listeners
                .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), made, connection -> {
                    clients.add(connection);
                    path.install(connection, true);
                })
                .getPort();
    }

    int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    GateState state() {
        return gate.state().toCompletableFuture().join();
    }

    GateState hold(Scope scope) {
        return hold(scope, Expiry.OPEN, Duration.ofSeconds(60));
    }

    GateState hold(Scope scope, Expiry expiry, Duration ttl) {
        return gate.hold(new HoldCommand(ttl, expiry, scope, Duration.ZERO, "test"), null, TEST)
                .toCompletableFuture()
                .join();
    }

    GateState release(@Nullable Side to) {
        return gate.release(new ReleaseCommand(null, to, Duration.ofSeconds(10)), null, TEST)
                .toCompletableFuture()
                .join();
    }

    /** Lets the release begin, and does not wait until the gate is open. */
    GateState releaseWithoutWaiting() {
        return gate.release(new ReleaseCommand(null, null, Duration.ZERO), null, TEST)
                .toCompletableFuture()
                .join();
    }

    GateState preview(@Nullable Preview preview) {
        return gate.preview(preview, null, TEST).toCompletableFuture().join();
    }

    GateState flip(Side to) {
        return gate.flip(to, false, null, TEST).toCompletableFuture().join();
    }

    /** Lets time pass on the request path, and has it look for what is over time. */
    void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
        onLoop(() -> {
            path.sweep();
            return true;
        });
    }

    /** Waits until the gate's state is such, for at most 15 s. */
    GateState await(Predicate<GateState> such) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        GateState state = state();
        while (!such.test(state)) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("still " + state);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            state = state();
        }
        return state;
    }

    /** Waits until a number has not changed for half a second, for at most 15 s. */
    void awaitStill(LongSupplier number) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        long last = -1;
        long since = System.nanoTime();
        while (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(500)) {
            long now = number.getAsLong();
            if (now != last) {
                last = now;
                since = System.nanoTime();
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it does not come to rest: " + now);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    int inFlight(GateState state) {
        return state.sides().values().stream()
                .mapToInt(GateState.OnSide::inFlight)
                .sum();
    }

    int streams(GateState state) {
        return state.sides().values().stream()
                .mapToInt(GateState.OnSide::streams)
                .sum();
    }

    /** Runs something on the event loop. */
    <T> T onLoop(Callable<T> task) {
        return loop.submit(task).syncUninterruptibly().getNow();
    }

    /** Bytes that wait to be taken by clients. On the loop. */
    long outbound() {
        return clients.stream()
                .map(client -> client.unsafe().outboundBuffer())
                .filter(buffer -> buffer != null)
                .mapToLong(ChannelOutboundBuffer::totalPendingWriteBytes)
                .sum();
    }

    /** Answers of a status class that came from an upstream. */
    long answered(int statusClass) {
        return onLoop(() -> {
            long sum = 0;
            for (int requestClass = 0; requestClass < LoopMetrics.CLASSES; requestClass++) {
                for (Side side : Side.values()) {
                    sum += metrics.requests(side.ordinal(), requestClass, statusClass);
                }
            }
            return sum;
        });
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        if (listeners != null) {
            listeners.stopAccepting();
        }
        path.abort();
        gate.stop().toCompletableFuture().join();
        path.stop().awaitUninterruptibly(5, TimeUnit.SECONDS);
        GateState end = state();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        if (tls != null) {
            tls.close();
        }
        switchboard.shutdown();
        spool.close();
        if (!end.tally().balances(end.waiting()) || end.staleWrites() != 0) {
            throw new AssertionError("requests vanished at the gate, or writes were stale: " + end);
        }
    }
}
