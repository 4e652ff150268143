package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.IntUnaryOperator;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.MemoryDisk;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/**
 * A gate with simulated loops, clock and disk: nothing happens unless a test makes it happen, and the invariants are checked
 * after every step against what the world itself has seen.
 */
final class World implements SimRequest.Watcher {
    static final Caller TESTER = new Caller("tester", "test");

    final ProxyConfig.Gate bounds;
    final List<SimLoop> loops = new ArrayList<>();
    final List<SimRequest> requests = new ArrayList<>();
    final Checks checks = new Checks(this);
    final PromiseChecks promises = new PromiseChecks(this);
    private final List<CompletableFuture<RehearsalReport>> rehearsals = new ArrayList<>();
    MemoryDisk disk;
    SimThread thread;
    Gate gate;

    World(int loopCount, int connections, ProxyConfig.Gate bounds, MemoryDisk disk, long nanos) {
        this.bounds = bounds;
        this.disk = disk;
        start(loopCount, connections, nanos);
    }

    /** A gate that has never run before, with old active, on three loops, with bounds that are hard to reach. */
    static World fresh() {
        return fresh(bounds(100, 100_000, 2));
    }

    static World fresh(ProxyConfig.Gate bounds) {
        return new World(3, 8, bounds, new MemoryDisk(), 0);
    }

    static ProxyConfig.Gate bounds(int maxParked, long maxBytes, int concurrency) {
        return bounds(ProxyConfig.Waits.DEFAULT, maxParked, maxBytes, 0, concurrency);
    }

    static ProxyConfig.Gate bounds(
            ProxyConfig.Waits waits, int maxParked, long maxBytes, int perClient, int concurrency) {
        return new ProxyConfig.Gate(waits, maxParked, maxBytes, perClient, concurrency, Duration.ofSeconds(20));
    }

    private void start(int loopCount, int connections, long nanos) {
        loops.clear();
        requests.clear();
        rehearsals.clear();
        thread = new SimThread(nanos);
        for (int i = 0; i < loopCount; i++) {
            loops.add(new SimLoop());
        }
        for (int i = 0; i < loopCount * connections; i++) {
            requests.add(new SimRequest(i % loopCount, this));
        }
        try {
            gate = Gate.open(bounds, Side.OLD, new StateFile(disk), thread, thread.time(), loops);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        CompletableFuture<Void> begun = gate.begin().toCompletableFuture();
        while (!begun.isDone()) {
            assertThat(thread.runOne()).isTrue();
        }
        begun.join();
        checks.started();
        promises.started();
    }

    /** The process dies, and the state file is gone when the next one starts. */
    void loseTheState() {
        disk.lose();
        checks.mayBeLost(true);
        crash(bound -> 0);
    }

    /** The power fails and comes back: connections are gone, the disk is what remains. */
    void crash(IntUnaryOperator choose) {
        checks.mayBeLost(disk.hasFailed());
        disk = disk.afterPowerFailure(choose);
        checks.crashed(disk.certain());
        start(loops.size(), requests.size() / loops.size(), thread.nanos() + 1_000_000);
    }

    /** The process dies and the machine does not. */
    void kill() {
        Routing present = gate.present();
        boolean exact = disk.writeFailures() == 0;
        disk = disk.afterKill();
        checks.crashed(disk.certain());
        start(loops.size(), requests.size() / loops.size(), thread.nanos() + 1_000_000);
        if (exact) {
            checks.cameBack(present);
        }
    }

    /** The process stops as it should: nothing waits any more, what runs may end, and it says how it was. */
    boolean stop() {
        return stop(() -> {});
    }

    /** @param meanwhile what still comes */
    boolean stop(Runnable meanwhile) {
        CompletableFuture<Void> stopped = gate.stop().toCompletableFuture();
        settle();
        assertThat(stopped).as("stopped").isDone();
        promises.stopping();
        meanwhile.run();
        settle();
        if (!disk.hasFailed()) {
            promises.stopped(checks.durable());
        }
        CompletableFuture<Boolean> ended = gate.end().toCompletableFuture();
        settle();
        assertThat(ended).as("ended").isDone();
        checks.ended(ended.join());
        return ended.join();
    }

    // Requests.

    /** An idle connection of a loop sends a request. */
    SimRequest arrive(int loop, RequestClass requestClass, long bytes) {
        return arriveFrom("192.0.2.1", loop, requestClass, bytes);
    }

    SimRequest arriveFrom(String client, int loop, RequestClass requestClass) {
        return arriveFrom(client, loop, requestClass, 100);
    }

    private SimRequest arriveFrom(String client, int loop, RequestClass requestClass, long bytes) {
        SimRequest request = requests.stream()
                .filter(one -> one.loop == loop && one.where == SimRequest.Where.IDLE)
                .findFirst()
                .orElseThrow();
        request.client = client;
        arrive(request, requestClass, bytes);
        return request;
    }

    /** As {@link #arrive(int, RequestClass)}, one that a preview means. */
    SimRequest arriveChosen(int loop, RequestClass requestClass) {
        where(SimRequest.Where.IDLE).forEach(request -> request.chosen = request.loop == loop);
        SimRequest request = arrive(loop, requestClass);
        requests.forEach(other -> other.chosen = other == request);
        return request;
    }

    SimRequest arrive(int loop, RequestClass requestClass) {
        return arrive(loop, requestClass, 100);
    }

    Admission arrive(SimRequest request, RequestClass requestClass, long bytes) {
        request.requestClass = requestClass;
        request.where = SimRequest.Where.WAITING;
        request.grants = 0;
        Admission[] answer = new Admission[1];
        on(request, gate -> answer[0] = gate.ask(request.passage, requestClass, bytes, request.chosen));
        if (answer[0] == Admission.PASS) {
            request.admitted();
        }
        checks.asked(request, answer[0]);
        return answer[0];
    }

    void send(SimRequest request) {
        request.sent = true;
        on(request, gate -> gate.sending(request.passage));
    }

    void finish(SimRequest request, int status) {
        leave(request);
        on(request, gate -> gate.ended(request.passage, status));
    }

    /** Its client hangs up before its upstream has said anything. */
    void hangUpInFlight(SimRequest request) {
        leave(request);
        on(request, gate -> gate.left(request.passage));
    }

    void breakOff(SimRequest request) {
        leave(request);
        if (request.requestClass.isWrite()) {
            checks.unknown(request.loop + "-" + request.passage.number);
        }
        on(request, gate -> gate.unknown(request.passage));
    }

    /** A safe request fails. */
    Admission fail(SimRequest request) {
        boolean previewed = request.passage.preview != null;
        leave(request);
        request.where = SimRequest.Where.WAITING;
        Admission[] answer = new Admission[1];
        on(request, gate -> answer[0] = gate.failed(request.passage));
        if (previewed) {
            assertThat(answer[0]).as("a preview shows failures").isEqualTo(Admission.PASS);
        }
        if (answer[0] == Admission.PASS) {
            request.where = SimRequest.Where.IDLE;
        } else {
            checks.asked(request, answer[0]);
        }
        return answer[0];
    }

    void hangUp(SimRequest request) {
        request.where = SimRequest.Where.IDLE;
        checks.gone(request);
        on(request, gate -> gate.gone(request.passage));
    }

    void openStream(SimRequest request) {
        leave(request);
        request.where = SimRequest.Where.STREAM;
        request.closed = 0;
        on(request, gate -> gate.streamOpened(request.passage, request.stream));
    }

    void closeStream(SimRequest request) {
        request.where = SimRequest.Where.IDLE;
        on(request, gate -> gate.streamClosed(request.stream));
    }

    private void leave(SimRequest request) {
        assertThat(request.where).isEqualTo(SimRequest.Where.IN_FLIGHT);
        assertThat(request.passage.side()).as("one snapshot").isEqualTo(request.side);
        request.where = SimRequest.Where.IDLE;
    }

    interface Use {
        void use(LoopGate gate);
    }

    void on(SimRequest request, Use use) {
        loops.get(request.loop).run(() -> use.use(gate.loopGate(request.loop)));
        step();
    }

    @Override
    public void admitted(SimRequest request) {
        checks.admitted(request);
    }

    @Override
    public void shed(SimRequest request, ShedReason reason, int retryAfter) {
        checks.shed(request, reason);
    }

    @Override
    public long nanos() {
        return thread.nanos();
    }

    Routing routingOf(int loop) {
        Routing[] routing = new Routing[1];
        loops.get(loop).run(() -> routing[0] = gate.loopGate(loop).routing());
        return routing[0];
    }

    // Commands.

    CompletableFuture<GateState> hold(HoldCommand command) {
        return command(gate.hold(command, null, TESTER), null, PromiseChecks.Waits.FOR_DRAINED);
    }

    CompletableFuture<GateState> hold() {
        return hold(hold(Duration.ofSeconds(20), Expiry.OPEN, Scope.WRITES, Duration.ofSeconds(5)));
    }

    static HoldCommand hold(Duration ttl, Expiry expiry, Scope scope, Duration wait) {
        return new HoldCommand(ttl, expiry, scope, wait, "tester");
    }

    CompletableFuture<GateState> change(ChangeCommand command) {
        return command(gate.change(command, null, TESTER), null, PromiseChecks.Waits.FOR_NOTHING);
    }

    /** Accepts unknown writes. */
    CompletableFuture<GateState> accept(String hold, List<String> ids) {
        return accept(new ChangeCommand(hold, null, null, null, ids));
    }

    /** Tells the checks before it is done: from then on they may be drained, unless it is refused. */
    CompletableFuture<GateState> accept(ChangeCommand change) {
        Map<String, Long> accepted = checks.accepted(change.acceptUnknown());
        CompletableFuture<GateState> answer = change(change);
        checks.refusedAccept(answer, accepted);
        return answer;
    }

    private CompletableFuture<GateState> command(
            CompletionStage<GateState> answer, Side to, PromiseChecks.Waits waits) {
        promises.command(answer.toCompletableFuture(), waits);
        return checks.command(answer, to);
    }

    CompletableFuture<GateState> flip(Side to, boolean onlyDrained) {
        return command(gate.flip(to, onlyDrained, null, TESTER), to, PromiseChecks.Waits.FOR_NOTHING);
    }

    /** Rehearses a hold; the report has to come before {@link #end} is over. */
    CompletableFuture<RehearsalReport> rehearse(RehearsalCommand command) {
        CompletableFuture<RehearsalReport> report =
                gate.rehearse(command, null, TESTER).toCompletableFuture();
        rehearsals.add(report);
        promises.rehearsal(report);
        return report;
    }

    /** @param preview null ends it */
    CompletableFuture<GateState> preview(Preview preview) {
        CompletableFuture<GateState> answer =
                gate.preview(preview, null, TESTER).toCompletableFuture();
        checks.previewing(answer, preview);
        return command(answer, null, PromiseChecks.Waits.FOR_NOTHING);
    }

    static Preview previewOf(Side side) {
        return new Preview(side, "sluice=" + side.label(), null, null);
    }

    CompletableFuture<GateState> release(String hold, Side to, Duration wait) {
        return command(
                gate.release(new ReleaseCommand(hold, to, wait), null, TESTER), to, PromiseChecks.Waits.FOR_OPEN);
    }

    CompletableFuture<GateState> release() {
        return release(null, null, Duration.ofSeconds(60));
    }

    CompletableFuture<GateState> ask() {
        return checks.command(gate.state(), null);
    }

    // Time and order.

    /** Everything that can run does, no time passes. */
    void settle() {
        boolean more = true;
        while (more) {
            more = runSwitchboard();
            for (int i = 0; i < loops.size(); i++) {
                more |= runLoop(i);
            }
        }
        promises.settled();
    }

    private void step() {
        checks.step();
        promises.step();
    }

    boolean runSwitchboard() {
        boolean ran = thread.runOne();
        step();
        return ran;
    }

    boolean runLoop(int loop) {
        boolean ran = loops.get(loop).runOne();
        step();
        return ran;
    }

    /** Time passes, timer by timer, and everything runs. */
    void pass(Duration by) {
        long until = thread.nanos() + by.toNanos();
        settle();
        while (thread.nanos() < until) {
            long before = thread.nanos();
            SimThread now = thread;
            if (!now.passToNextWithin(until)) {
                now.pass(until - before);
            }
            settle();
        }
        checks.deadlines();
    }

    /** The answer to a command, everything having run. */
    GateState get(CompletableFuture<GateState> answer) {
        settle();
        assertThat(answer).as("answered").isDone();
        return answer.join();
    }

    GateState state() {
        return get(ask());
    }

    /** Why a command was refused, everything having run. */
    GateException refusal(CompletableFuture<GateState> answer) {
        settle();
        assertThat(answer).as("answered").isCompletedExceptionally();
        try {
            answer.join();
            throw new AssertionError("not refused");
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(GateException.class);
            return (GateException) e.getCause();
        }
    }

    List<SimRequest> where(SimRequest.Where where) {
        return requests.stream().filter(one -> one.where == where).toList();
    }

    long writesInFlight() {
        return where(SimRequest.Where.IN_FLIGHT).stream()
                .filter(one -> one.requestClass.isWrite())
                .count();
    }

    /** Ends everything: whatever is shut is released, whatever runs ends well, and nothing may be left behind. */
    void end() {
        // Fewer seconds than a release may take at most: it gets on by itself, one slot after another.
        for (int round = 0; round < 20; round++) {
            settle();
            Routing routing = routingOf(0);
            if (routing.phase() != Phase.OPEN) {
                release();
                settle();
            }
            where(SimRequest.Where.IN_FLIGHT).forEach(request -> finish(request, 200));
            settle();
            if (where(SimRequest.Where.WAITING).isEmpty()
                    && where(SimRequest.Where.IN_FLIGHT).isEmpty()
                    && routingOf(0).arrivals() == Arrivals.PASS) {
                break;
            }
            pass(Duration.ofSeconds(1));
        }
        pass(bounds.closeOver().plusSeconds(1));
        promises.streams();
        checks.streams();
        where(SimRequest.Where.STREAM).forEach(this::closeStream);
        Set<SimRequest> left = new HashSet<>(where(SimRequest.Where.WAITING));
        assertThat(left).as("nothing is left behind").isEmpty();
        pass(HoldCommand.MAX_WAIT.plusSeconds(5));
        checks.ended();
        assertThat(rehearsals).as("every rehearsal is over").allMatch(CompletableFuture::isDone);
    }
}
