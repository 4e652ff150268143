package sluice.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.accesslog.AccessLog;
import sluice.proxy.accesslog.LineForm;
import sluice.proxy.admin.AdminServer;
import sluice.proxy.admin.WarmUp;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.files.PublicFiles;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.Time;
import sluice.proxy.http.Answers;
import sluice.proxy.http.Challenges;
import sluice.proxy.http.ClientAddressRule;
import sluice.proxy.http.ErrorPage;
import sluice.proxy.http.RequestPath;
import sluice.proxy.http.Spool;
import sluice.proxy.listen.CertificateProblem;
import sluice.proxy.listen.CertificateWatch;
import sluice.proxy.listen.ClientAddresses;
import sluice.proxy.listen.ListenProblem;
import sluice.proxy.listen.Listeners;
import sluice.proxy.listen.TlsServer;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Classifier;
import sluice.proxy.route.FileDisk;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;
import sluice.proxy.upstream.Upstreams;

/** A running proxy: all parts, put together. */
public final class Proxy {
    private static final Logger log = LoggerFactory.getLogger(Proxy.class);

    /** How long what the gate has to do at a stop may take; it waits for no request. */
    private static final Duration GATE_STOP = Duration.ofSeconds(5);

    private final ProxyConfig config;
    private final Closing closing;
    private final Gate gate;
    private final List<RequestPath> paths;
    private final Listeners listeners;
    private final CertificateWatch certificates;
    private final @Nullable AccessLog accessLog;
    private final Addresses addresses;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean stopping;

    /**
     * Where the proxy can be reached: what was really bound, for port 0.
     *
     * @param admin TCP only
     */
    public record Addresses(
            List<InetSocketAddress> https, List<InetSocketAddress> http, List<InetSocketAddress> admin) {}

    private Proxy(
            ProxyConfig config,
            Closing closing,
            Gate gate,
            List<RequestPath> paths,
            Listeners listeners,
            CertificateWatch certificates,
            @Nullable AccessLog accessLog,
            Addresses addresses) {
        this.config = config;
        this.closing = closing;
        this.gate = gate;
        this.paths = paths;
        this.listeners = listeners;
        this.certificates = certificates;
        this.accessLog = accessLog;
        this.addresses = addresses;
    }

    /**
     * Starts everything. When this returns, clients are served.
     *
     * @throws StartProblem when something is in the way; nothing is left running then
     */
    public static Proxy start(ProxyConfig config) throws StartProblem {
        Closing closing = new Closing();
        try {
            return start(config, closing);
        } catch (StartProblem e) {
            closing.close();
            throw e;
        } catch (CertificateProblem | ListenProblem | IOException | IllegalArgumentException e) {
            closing.close();
            throw new StartProblem(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            closing.close();
            throw e;
        }
    }

    private static Proxy start(ProxyConfig config, Closing closing)
            throws StartProblem, CertificateProblem, ListenProblem, IOException {
        new Summary(config).warnings().forEach(warning -> log.warn("{}", warning));
        StateDirectory state = closing.add(StateDirectory.open(config.state().directory()));
        FileDisk disk = closing.add(new FileDisk(state.path()));
        Threads threads = closing.add(new Threads());
        Spool spool = closing.add(
                new Spool(state.path().resolve("spool"), config.limits().spoolTotal()));
        TlsServer tls = closing.add(TlsServer.load(config, Instant.now()));
        PublicFiles files = files(config, closing);
        Challenges challenges = challenges(config, files, threads, closing);
        // Before the loops, whose last lines are written after their end.
        AccessLog accessLog = accessLog(config, closing);
        EventLoops loops = closing.add(new EventLoops(config.server().loops()));
        Gate gate = Gate.open(
                config.gate(),
                Side.valueOf(config.upstreams().active().toUpperCase(Locale.ROOT)),
                new StateFile(disk),
                threads.switchboard(),
                Time.system(),
                loops.forGate());
        Upstreams upstreams = new Upstreams(config.upstreams(), config.limits(), threads.resolver());
        List<LoopMetrics> metrics = new ArrayList<>();
        List<RequestPath> paths = paths(config, loops, gate, metrics, upstreams, spool, files, accessLog);
        paths.get(0).watchUpstreams();
        WarmUp.run(ProxyConfig.Gate.DEFAULT);
        AdminServer admin = closing.add(AdminServer.start(
                config.listen(), gate, new Observed(upstreams, loops.loops(), metrics, tls::certificates, accessLog)));
        Listeners listeners =
                new Listeners(loops.group(), config, connection -> metrics.get(loops.numberOf(connection)));
        closing.add(listeners::stopAccepting);
        CertificateWatch certificates =
                new CertificateWatch(tls, config, InstantSource.system(), threads.certificates());
        certificates.start();
        begin(gate);
        Addresses addresses;
        try {
            addresses = listen(config, listeners, tls, loops, paths, challenges, admin.addresses());
        } catch (ListenProblem e) {
            // Some addresses may have let requests through already.
            listeners.stopAccepting();
            cutOff(gate, paths, listeners);
            throw e;
        }
        Proxy proxy = new Proxy(config, closing, gate, paths, listeners, certificates, accessLog, addresses);
        log.info("ready: {}", proxy.described());
        return proxy;
    }

    /** The last thing before requests are let through: a start that failed until here has left the state as it was. */
    private static void begin(Gate gate) throws StartProblem {
        try {
            gate.begin().toCompletableFuture().join();
        } catch (CompletionException e) {
            throw new StartProblem("state.directory: the state file cannot be written: " + e.getCause(), e);
        }
    }

    private static @Nullable PublicFiles files(ProxyConfig config, Closing closing) {
        Path root = config.root();
        if (root == null) {
            return null;
        }
        PublicFiles files = closing.add(
                new PublicFiles(root, config.preset(), config.files(), System::nanoTime, Clock.systemUTC()));
        for (Path link : files.forbiddenLinks()) {
            log.warn("{} leads out of root: nothing is served through it; add where it leads to files.links", link);
        }
        return files;
    }

    /** Port 80's challenges: those of this host from its folder, the rest from the host that is not this one. */
    private static Challenges challenges(
            ProxyConfig config, @Nullable PublicFiles files, Threads threads, Closing closing) {
        Path root = config.files().acmeRoot();
        PublicFiles folder = root == null
                ? files
                : closing.add(new PublicFiles(
                        root, ProxyConfig.Preset.PLAIN, config.files(), System::nanoTime, Clock.systemUTC()));
        ProxyConfig.Upstream other = "old".equals(config.files().side())
                ? config.upstreams().next()
                : config.upstreams().old();
        return new Challenges(folder, other.acme(), threads.resolver());
    }

    private static @Nullable AccessLog accessLog(ProxyConfig config, Closing closing) throws IOException {
        ProxyConfig.AccessLog wanted = config.accessLog();
        if (wanted == null) {
            return null;
        }
        LineForm form = switch (wanted.format()) {
            case COMBINED -> LineForm.COMBINED;
            case JSON -> LineForm.JSON;
        };
        return closing.add(AccessLog.open(wanted.file(), form, Clock.system(ZoneId.systemDefault())));
    }

    /** The request path of each loop. */
    private static List<RequestPath> paths(
            ProxyConfig config,
            EventLoops loops,
            Gate gate,
            List<LoopMetrics> metrics,
            Upstreams upstreams,
            Spool spool,
            @Nullable PublicFiles files,
            @Nullable AccessLog accessLog)
            throws IOException {
        Path page = config.errorPage();
        Answers answers = new Answers(page == null ? null : ErrorPage.read(page));
        Classifier classifier = new Classifier(config.rules(), config.preset());
        ClientAddressRule clients = ClientAddresses.rule(config.clientAddress());
        List<RequestPath> paths = new ArrayList<>();
        for (EventLoop loop : loops.loops()) {
            LoopMetrics counters = new LoopMetrics();
            metrics.add(counters);
            RequestPath path = new RequestPath(
                    loop,
                    loops.loops().size(),
                    gate.loopGate(paths.size()),
                    counters,
                    upstreams,
                    config.limits(),
                    spool,
                    classifier,
                    answers,
                    clients,
                    System::nanoTime,
                    files,
                    config.files().gzip(),
                    accessLog == null ? null : accessLog.loopLog());
            path.start();
            paths.add(path);
        }
        return List.copyOf(paths);
    }

    /** Binds what clients connect to. Without https, http serves the site itself; else it sends everybody to https. */
    private static Addresses listen(
            ProxyConfig config,
            Listeners listeners,
            TlsServer tls,
            EventLoops loops,
            List<RequestPath> paths,
            Challenges challenges,
            List<InetSocketAddress> admin)
            throws ListenProblem {
        List<InetSocketAddress> https = new ArrayList<>();
        for (InetSocketAddress address : config.listen().https()) {
            https.add(listeners.https(
                    address,
                    tls,
                    connection -> paths.get(loops.numberOf(connection)).install(connection, true)));
        }
        Consumer<Channel> plain = https.isEmpty()
                ? connection -> paths.get(loops.numberOf(connection)).install(connection, false)
                : connection -> paths.get(loops.numberOf(connection)).redirect(connection, challenges);
        List<InetSocketAddress> http = new ArrayList<>();
        for (InetSocketAddress address : config.listen().http()) {
            http.add(listeners.http(address, plain));
        }
        return new Addresses(List.copyOf(https), List.copyOf(http), List.copyOf(admin));
    }

    /** Where the proxy can be reached. */
    public Addresses addresses() {
        return addresses;
    }

    /** Looks for renewed certificates now instead of within the minute, and opens the access log by its name again. For any thread. */
    public void reload() {
        log.info(
                "asked to reload: looking for renewed certificates{}",
                accessLog == null ? "" : ", reopening the access log");
        certificates.lookNow();
        if (accessLog != null) {
            accessLog.reopen();
        }
    }

    /** Waits until a stop is over. */
    public void awaitEnd() {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Stops: takes no new connections, asks the waiting to retry, lets finish what runs for at most {@code stop_timeout}, then
     * closes what is left. The state on disk stays as it is: a restart in a hold comes back holding. Returns when all is over;
     * a second call returns at once.
     */
    public void stop() {
        synchronized (this) {
            if (stopping) {
                return;
            }
            stopping = true;
        }
        log.info(
                "stopping: finishing what runs, for at most {} s",
                config.stopTimeout().toSeconds());
        long deadline = System.nanoTime() + config.stopTimeout().toNanos();
        listeners.stopAccepting();
        await(gate.stop(), "the waiting requests could not be asked to retry");
        if (finished(deadline)) {
            log.info("stopped: everything that ran has finished");
        } else {
            log.warn(
                    "stopped: {} connections were cut off after {} s",
                    listeners.connections(),
                    config.stopTimeout().toSeconds());
        }
        cutOff(gate, paths, listeners);
        closing.close();
        ended.countDown();
    }

    /** Ends whatever still runs; then nothing is in flight any more, and the disk is told so. */
    private static void cutOff(Gate gate, List<RequestPath> paths, Listeners listeners) {
        paths.forEach(RequestPath::abort);
        listeners.closeConnections();
        await(gate.end(), "it could not be told on disk that nothing is in flight");
    }

    private static void await(CompletionStage<?> done, String failed) {
        try {
            done.toCompletableFuture().get(GATE_STOP.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.warn("{}", failed, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether every connection came to its end before the deadline. */
    private boolean finished(long deadlineNanos) {
        List<Future<Void>> ends = paths.stream().map(RequestPath::stop).toList();
        boolean all = true;
        for (Future<Void> end : ends) {
            all &= end.awaitUninterruptibly(Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        return all;
    }

    private String described() {
        try {
            GateState now = gate.state().toCompletableFuture().join();
            return now.routing().active().label() + " is active, the gate is "
                    + now.routing().phase().label() + ", epoch " + now.epoch();
        } catch (CompletionException e) {
            return "the gate does not answer: " + e.getCause();
        }
    }
}
