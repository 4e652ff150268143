package sluice.proxy;

import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.proxy.accesslog.AccessLog;
import sluice.proxy.admin.Sources;
import sluice.proxy.listen.SiteCertificate;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Side;
import sluice.proxy.upstream.Upstreams;

/** What the admin endpoint shows of the other parts. */
final class Observed implements Sources {
    private final Upstreams upstreams;
    private final List<EventLoop> loops;
    private final List<LoopMetrics> counters;
    private final Supplier<List<SiteCertificate>> certificates;
    private final @Nullable AccessLog accessLog;

    /**
     * What these parts show.
     *
     * @param counters those of each loop, in the order of the loops
     * @param certificates those in use at the time of the call
     */
    Observed(
            Upstreams upstreams,
            List<EventLoop> loops,
            List<LoopMetrics> counters,
            Supplier<List<SiteCertificate>> certificates,
            @Nullable AccessLog accessLog) {
        this.upstreams = upstreams;
        this.loops = List.copyOf(loops);
        this.counters = List.copyOf(counters);
        this.certificates = certificates;
        this.accessLog = accessLog;
    }

    @Override
    public boolean healthy(Side side) {
        return upstreams.healthy(side);
    }

    /** Each loop copies its own counters; they are added up when all have done so. */
    @Override
    public CompletionStage<LoopMetrics> metrics() {
        List<CompletableFuture<LoopMetrics>> copies = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            copies.add(CompletableFuture.supplyAsync(counters.get(i)::copy, loops.get(i)));
        }
        return CompletableFuture.allOf(copies.toArray(new CompletableFuture<?>[0]))
                .thenApply(all -> {
                    LoopMetrics sum = new LoopMetrics();
                    copies.forEach(copy -> sum.add(copy.join()));
                    if (accessLog != null) {
                        sum.accessLog(accessLog.dropped(), accessLog.writeErrors());
                    }
                    return sum;
                });
    }

    @Override
    public Map<String, Instant> certificates() {
        Map<String, Instant> ends = new LinkedHashMap<>();
        for (SiteCertificate certificate : certificates.get()) {
            List<String> names = certificate.names();
            ends.putIfAbsent(names.isEmpty() ? certificate.source().toString() : names.get(0), certificate.expires());
        }
        return ends;
    }
}
