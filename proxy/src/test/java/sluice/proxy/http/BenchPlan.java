package sluice.proxy.http;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.accesslog.AccessLog;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;

/**
 * What a {@link Bench} is made of: the defaults, and what a test says otherwise.
 *
 * @param directory for the state file and the spool
 * @param tls says that the clients speak https, though they do not
 */
record BenchPlan(
        Path directory,
        ProxyConfig.Upstream old,
        ProxyConfig.Upstream next,
        ProxyConfig.Limits limits,
        ProxyConfig.Gate bounds,
        List<ProxyConfig.Rule> rules,
        @Nullable ErrorPage page,
        @Nullable PublicFiles files,
        boolean tls,
        @Nullable AccessLog accessLog) {
    static BenchPlan of(Path directory, LittleSite old, LittleSite next) {
        return of(directory, upstream(old), upstream(next));
    }

    static BenchPlan of(Path directory, ProxyConfig.Upstream old, ProxyConfig.Upstream next) {
        return new BenchPlan(
                directory,
                old,
                next,
                ProxyConfig.Limits.DEFAULT,
                ProxyConfig.Gate.DEFAULT,
                List.of(),
                null,
                null,
                false,
                null);
    }

    BenchPlan with(ProxyConfig.Limits other) {
        return new BenchPlan(directory, old, next, other, bounds, rules, page, files, tls, accessLog);
    }

    BenchPlan with(ProxyConfig.Gate other) {
        return new BenchPlan(directory, old, next, limits, other, rules, page, files, tls, accessLog);
    }

    /** With rules of the site's own. */
    BenchPlan with(List<ProxyConfig.Rule> own) {
        return new BenchPlan(directory, old, next, limits, bounds, own, page, files, tls, accessLog);
    }

    /** With the site's page for errors. */
    BenchPlan with(ErrorPage own) {
        return new BenchPlan(directory, old, next, limits, bounds, rules, own, files, tls, accessLog);
    }

    BenchPlan with(PublicFiles folder) {
        return new BenchPlan(directory, old, next, limits, bounds, rules, page, folder, tls, accessLog);
    }

    BenchPlan overTls() {
        return new BenchPlan(directory, old, next, limits, bounds, rules, page, files, true, accessLog);
    }

    /** With an access log, which stays the caller's. */
    BenchPlan with(AccessLog log) {
        return new BenchPlan(directory, old, next, limits, bounds, rules, page, files, tls, log);
    }

    Bench open() throws IOException {
        return new Bench(this);
    }

    private static ProxyConfig.Upstream upstream(LittleSite site) {
        return new ProxyConfig.Upstream(site.uri(), site.uri(), null, null);
    }

    /** The defaults, but for what tests want small. */
    static ProxyConfig.Limits limits(long body, int bodyMemory, Duration clientIdle, Duration upstreamRead) {
        ProxyConfig.Limits d = ProxyConfig.Limits.DEFAULT;
        return new ProxyConfig.Limits(
                d.headBytes(),
                body,
                bodyMemory,
                d.bodyMemoryTotal(),
                d.spoolTotal(),
                d.connections(),
                d.h2Streams(),
                clientIdle,
                clientIdle,
                clientIdle,
                d.upstreamConnect(),
                upstreamRead,
                d.upstreamIdle(),
                d.connectionsPerAddress(),
                d.handshakeTimeout(),
                d.passedIdle());
    }

    /** The defaults, but for how much of bodies is taken and where. */
    static ProxyConfig.Limits bodyLimits(long body, int memory, long memoryTotal, long spoolTotal) {
        ProxyConfig.Limits d = ProxyConfig.Limits.DEFAULT;
        return new ProxyConfig.Limits(
                d.headBytes(),
                body,
                memory,
                memoryTotal,
                spoolTotal,
                d.connections(),
                d.h2Streams(),
                d.headTimeout(),
                d.bodyTimeout(),
                d.clientIdle(),
                d.upstreamConnect(),
                d.upstreamRead(),
                d.upstreamIdle(),
                d.connectionsPerAddress(),
                d.handshakeTimeout(),
                d.passedIdle());
    }

    /** The defaults, but for how slow a body may be. */
    static ProxyConfig.Limits bodyTime(Duration silence, long rate, Duration total) {
        ProxyConfig.Limits d = ProxyConfig.Limits.DEFAULT;
        return new ProxyConfig.Limits(
                d.headBytes(),
                d.bodyBytes(),
                d.bodyMemory(),
                d.bodyMemoryTotal(),
                d.spoolTotal(),
                d.connections(),
                d.h2Streams(),
                d.headTimeout(),
                silence,
                d.clientIdle(),
                d.upstreamConnect(),
                d.upstreamRead(),
                d.upstreamIdle(),
                d.connectionsPerAddress(),
                d.handshakeTimeout(),
                d.passedIdle(),
                rate,
                total);
    }
}
