package sluice.proxy.upstream;

import io.netty.channel.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Service;
import sluice.proxy.route.Side;

/** Both sides' services. Made once; each event loop has its own pools of connections to them. */
public final class Upstreams {
    private static final int PROBE_SECONDS = 5;

    private final Endpoint[] endpoints = new Endpoint[Side.values().length * Service.values().length];
    private final ProxyConfig.Limits limits;

    /**
     * Resolves names: not to be called on an event loop.
     *
     * @param resolver where names are resolved again later; may block
     * @throws IllegalArgumentException when a file with certificate authorities cannot be used
     */
    public Upstreams(ProxyConfig.Upstreams config, ProxyConfig.Limits limits, Executor resolver) {
        this.limits = limits;
        for (Side side : Side.values()) {
            ProxyConfig.Upstream upstream = side == Side.OLD ? config.old() : config.next();
            for (Service service : Service.values()) {
                endpoints[index(side, service)] = new Endpoint(
                        side.label() + "/" + service.label(),
                        service == Service.WEB ? upstream.web() : upstream.streaming(),
                        upstream,
                        resolver);
            }
        }
    }

    private static int index(Side side, Service service) {
        return side.ordinal() * 2 + service.ordinal();
    }

    /**
     * From now on every service is tried every five seconds, so that {@link #healthy} is true also of the side that nobody is sent
     * to. Ends with the loop.
     */
    public static void watch(Pools pools, EventLoop loop) {
        loop.scheduleAtFixedRate(pools::probe, 0, PROBE_SECONDS, TimeUnit.SECONDS);
    }

    /** Whether the last attempt to connect to the side's services succeeded. Any thread. */
    public boolean healthy(Side side) {
        return endpoints[index(side, Service.WEB)].reachable() && endpoints[index(side, Service.STREAMING)].reachable();
    }

    /** The pools of one event loop. */
    public Pools pools(EventLoop loop, LoopMetrics metrics, LongSupplier nanoClock) {
        Pool[] pools = new Pool[endpoints.length];
        for (Side side : Side.values()) {
            for (Service service : Service.values()) {
                int i = index(side, service);
                pools[i] = new Pool(endpoints[i], side.ordinal(), loop, metrics, limits, nanoClock);
            }
        }
        return new Pools(pools);
    }

    /** One event loop's pools. Confined to it. */
    public static final class Pools {
        private final Pool[] pools;

        private Pools(Pool[] pools) {
            this.pools = pools;
        }

        public Pool of(Side side, Service service) {
            return pools[index(side, service)];
        }

        /** Closes what has rested for too long. To be called once a second. */
        public void sweep() {
            for (Pool pool : pools) {
                pool.sweep();
            }
        }

        /** Tries every service now; {@link Upstreams#healthy} tells how it went. */
        void probe() {
            for (Pool pool : pools) {
                pool.probe();
            }
        }

        /** Closes what rests, and keeps nothing from now on. */
        public void close() {
            for (Pool pool : pools) {
                pool.close();
            }
        }

        /** How many connections rest. */
        public int resting() {
            int sum = 0;
            for (Pool pool : pools) {
                sum += pool.resting();
            }
            return sum;
        }
    }
}
