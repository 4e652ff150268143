package sluice.proxy.listen;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import sluice.proxy.config.OtherSites;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.ProxyConfig.ClientAddress;
import sluice.proxy.config.TestConfig;
import sluice.proxy.metrics.LoopMetrics;

/** Listeners as a configuration has them, and the counters of their loops. */
final class TestListeners {
    static final ClientAddress DIRECT = new ClientAddress(ClientAddress.Kind.DIRECT, List.of());

    private final EventLoopGroup loops;
    private final Map<EventExecutor, LoopMetrics> metrics = new ConcurrentHashMap<>();
    final Listeners listeners;

    /** @param domains which names are ours */
    TestListeners(
            MultiThreadIoEventLoopGroup loops,
            List<String> domains,
            ClientAddress clients,
            OtherSites others,
            ProxyConfig.Limits limits) {
        this.loops = loops;
        URI nowhere = URI.create("http://127.0.0.1:9");
        ProxyConfig.Upstream upstream = new ProxyConfig.Upstream(nowhere, nowhere, null, null);
        ProxyConfig d = TestConfig.of(Path.of("/tmp"), upstream, upstream, ProxyConfig.Gate.DEFAULT, limits);
        ProxyConfig.Listen l = d.listen();
        ProxyConfig config = new ProxyConfig(
                d.preset(),
                d.rules(),
                domains,
                d.tls(),
                clients,
                d.root(),
                d.errorPage(),
                new ProxyConfig.Listen(l.https(), l.http(), l.adminAddresses(), l.adminSockets(), null, others),
                d.state(),
                d.upstreams(),
                d.gate(),
                limits,
                d.server(),
                d.files(),
                d.stopTimeout());
        listeners = new Listeners(
                loops,
                config,
                connection -> metrics.computeIfAbsent(connection.eventLoop(), loop -> new LoopMetrics()));
    }

    static Listeners of(MultiThreadIoEventLoopGroup loops) {
        return of(loops, 100);
    }

    static Listeners of(MultiThreadIoEventLoopGroup loops, int connections) {
        return new TestListeners(
                        loops, List.of(), DIRECT, OtherSites.NONE, limits(connections, 256, Duration.ofSeconds(10)))
                .listeners;
    }

    static ProxyConfig.Limits limits(int connections, int perAddress, Duration timeout) {
        ProxyConfig.Limits d = ProxyConfig.Limits.DEFAULT;
        return new ProxyConfig.Limits(
                d.headBytes(),
                d.bodyBytes(),
                d.bodyMemory(),
                d.bodyMemoryTotal(),
                d.spoolTotal(),
                connections,
                d.h2Streams(),
                timeout,
                d.bodyTimeout(),
                d.clientIdle(),
                d.upstreamConnect(),
                d.upstreamRead(),
                d.upstreamIdle(),
                perAddress,
                timeout,
                timeout);
    }

    /** The counters of all loops, taken on them. */
    LoopMetrics counted() throws Exception {
        LoopMetrics sum = new LoopMetrics();
        for (EventExecutor executor : loops) {
            EventLoop loop = (EventLoop) executor;
            LoopMetrics own = metrics.get(loop);
            if (own != null) {
                sum.add(loop.submit(own::copy).get(10, TimeUnit.SECONDS));
            }
        }
        return sum;
    }

    /** Waits until the counters are so; they follow the event that a client can see. */
    boolean soonCounts(Predicate<LoopMetrics> expected) throws Exception {
        for (long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10); System.nanoTime() < until; ) {
            if (expected.test(counted())) {
                return true;
            }
        }
        return false;
    }
}
