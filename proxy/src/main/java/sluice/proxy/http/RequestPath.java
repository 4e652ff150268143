package sluice.proxy.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.accesslog.LoopLog;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.gate.LoopGate;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Classifier;
import sluice.proxy.upstream.Upstreams;

/**
 * What the requests of one event loop share. One for each loop, confined to it but for the constructor, {@link #start}, {@link #stop}
 * and {@link #install}, which may be called from anywhere.
 */
public final class RequestPath {
    private static final Logger log = LoggerFactory.getLogger(RequestPath.class);
    private static final int MAX_SPARE_HEADS = 64;

    private final EventLoop loop;
    private final LoopGate gate;
    private final LoopMetrics metrics;
    private final Upstreams.Pools pools;
    private final ProxyConfig.Limits limits;
    private final Spool spool;
    private final Classifier classifier;
    private final Answers answers;
    private final ClientAddressRule addresses;
    private final LongSupplier nanoClock;
    private final @Nullable PublicFiles files;
    private final @Nullable Zipping zipping;
    private final @Nullable RequestLog requestLog;
    private final @Nullable Predicate<String> misdirected;
    private final FrontConnections connections;
    private final MemoryBudget memory;
    private final OtherSide otherSide;
    private final PreviewMarks previewMarks = new PreviewMarks();
    private final byte[] scratch;
    private final ArrayDeque<RequestHead> spareHeads = new ArrayDeque<>();
    private volatile @Nullable Future<?> sweeping;

    /**
     * The loop's request path; {@link #start} starts it.
     *
     * @param loops how many event loops there are: each has its share of the budgets
     * @param nanoClock such as {@link System#nanoTime}
     * @param files what is served from this host, or null for nothing
     * @param gzip whether text that the site sends is compressed
     * @param accessLog the loop's, or null for none
     * @param misdirected says of the Host of a request over TLS that another server has it, or null when none has any
     */
    public RequestPath(
            EventLoop loop,
            int loops,
            LoopGate gate,
            LoopMetrics metrics,
            Upstreams upstreams,
            ProxyConfig.Limits limits,
            Spool spool,
            Classifier classifier,
            Answers answers,
            ClientAddressRule addresses,
            LongSupplier nanoClock,
            @Nullable PublicFiles files,
            boolean gzip,
            @Nullable LoopLog accessLog,
            @Nullable Predicate<String> misdirected) {
        this.misdirected = misdirected;
        this.loop = loop;
        this.gate = gate;
        this.metrics = metrics;
        this.pools = upstreams.pools(loop, metrics, nanoClock);
        this.limits = limits;
        this.spool = spool;
        this.classifier = classifier;
        this.answers = answers;
        this.addresses = addresses;
        this.nanoClock = nanoClock;
        this.files = files;
        this.requestLog = accessLog == null ? null : new RequestLog(accessLog);
        this.zipping = gzip ? new Zipping(limits.headBytes()) : null;
        this.otherSide = new OtherSide(gate, nanoClock, files == null ? Duration.ZERO : files.standIn());
        this.connections = new FrontConnections(loop, nanoClock.getAsLong());
        this.memory = new MemoryBudget(limits.bodyMemoryTotal() / loops);
        this.scratch = new byte[2 * limits.headBytes() + 1024];
    }

    /** Starts the sweep over this loop's connections, once a second. */
    public void start() {
        sweeping = loop.scheduleAtFixedRate(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    /** From now on this loop finds out for all whether the upstreams can be reached. */
    public void watchUpstreams() {
        Upstreams.watch(pools, loop);
    }

    /** Ends what is over time. On the loop. */
    void sweep() {
        try {
            connections.sweep(nanoClock.getAsLong());
            pools.sweep();
            otherSide.sweep();
            if (requestLog != null) {
                requestLog.flush();
            }
        } catch (RuntimeException e) {
            // Else there would be no sweep any more, and no time-out.
            log.error("the sweep over the connections met a fault; it goes on in a second", e);
        }
    }

    /**
     * Lets an accepted connection's requests run, behind whatever decrypts it.
     *
     * @param channel belongs to this loop
     * @param tls whether its clients speak https
     */
    public void install(Channel channel, boolean tls) {
        channel.pipeline().addLast(tls ? new ProtocolChoice(this) : new FrontHandler(this, false));
    }

    /** Sends an accepted connection's client to https, and answers certificate authorities. {@code channel} belongs to this loop. */
    public void redirect(Channel channel, Challenges challenges) {
        channel.pipeline().addLast(new RedirectHandler(limits, challenges, addresses, requestLog));
    }

    /**
     * Stops gracefully: connections without a request are closed, the others when their request has ended, streams at once. Whoever
     * calls closes what is left after a time of its choosing ({@link #abort}).
     *
     * @return completes when no connection is left
     */
    public Future<Void> stop() {
        return connections.stop(pools);
    }

    /** Closes every connection now, and ends the sweep. */
    public void abort() {
        Future<?> s = sweeping;
        if (s != null) {
            s.cancel(false);
        }
        loop.execute(connections::abort);
    }

    EventLoop loop() {
        return loop;
    }

    LoopGate gate() {
        return gate;
    }

    LoopMetrics metrics() {
        return metrics;
    }

    Upstreams.Pools pools() {
        return pools;
    }

    ProxyConfig.Limits limits() {
        return limits;
    }

    Spool spool() {
        return spool;
    }

    Classifier classifier() {
        return classifier;
    }

    Answers answers() {
        return answers;
    }

    ClientAddressRule addresses() {
        return addresses;
    }

    FrontConnections connections() {
        return connections;
    }

    MemoryBudget memory() {
        return memory;
    }

    ByteBufAllocator alloc() {
        return PooledByteBufAllocator.DEFAULT;
    }

    PreviewMarks previewMarks() {
        return previewMarks;
    }

    /** Where heads are written before they go into a buffer: used within one call only. */
    byte[] scratch() {
        return scratch;
    }

    long now() {
        return nanoClock.getAsLong();
    }

    /** What is served from this host, or null for nothing. */
    @Nullable
    PublicFiles files() {
        return files;
    }

    /** What compresses the site's answers, or null when nothing does. */
    @Nullable
    Zipping zipping() {
        return zipping;
    }

    /** Whether another server has what a request over TLS is for. */
    boolean misdirected(RequestHead head) {
        return misdirected != null && misdirected.test(head.text(head.hostStart(), head.hostEnd()));
    }

    /** The same front, with notes for the access log; null when there is none. */
    @Nullable
    RecordedFront recorded(Front front) {
        RequestLog log = requestLog;
        return log == null ? null : new RecordedFront(this, front, log);
    }

    /** The side that is not active, as far as files go. */
    OtherSide otherSide() {
        return otherSide;
    }

    RequestHead takeHead() {
        RequestHead head = spareHeads.pollLast();
        return head == null ? new RequestHead(limits.headBytes()) : head;
    }

    void giveHead(RequestHead head) {
        head.reset();
        if (spareHeads.size() < MAX_SPARE_HEADS) {
            spareHeads.addLast(head);
        }
    }
}
