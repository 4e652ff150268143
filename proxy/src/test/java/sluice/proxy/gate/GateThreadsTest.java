package sluice.proxy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.MemoryDisk;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/** The same gate on real threads: what the simulation cannot show, that nothing is shared which must not be. */
class GateThreadsTest {
    private static final int LOOPS = 4;
    private static final int CONNECTIONS = 16;
    private static final int MOVES = 40;

    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicBoolean drained = new AtomicBoolean();
    private final AtomicReference<String> broken = new AtomicReference<>();
    private volatile boolean stopping;
    private volatile Side expected = Side.OLD;

    /** A connection that sends one write after another; each is in flight for a few tasks of its loop. */
    private final class Client implements Passage.Owner {
        private final Passage passage = new Passage(this);
        private final ThreadLoop loop;
        private final LoopGate gate;
        private final CountDownLatch stopped;
        private final Random random;

        Client(ThreadLoop loop, LoopGate gate, CountDownLatch stopped, int seed) {
            this.loop = loop;
            this.gate = gate;
            this.stopped = stopped;
            this.random = new Random(seed);
        }

        void next() {
            if (stopping) {
                stopped.countDown();
            } else if (gate.ask(passage, RequestClass.WRITE, 10) == Admission.PASS) {
                granted();
            }
        }

        @Override
        public void granted() {
            writes.incrementAndGet();
            if (drained.get()) {
                broken.compareAndSet(null, "a write was let through after drained");
            }
            gate.sending(passage);
            Side side = passage.side();
            Side before = expected;
            if (side != before && side != expected) {
                broken.compareAndSet(null, "a write went to " + side + " although " + expected + " is active");
            }
            inFlight(random.nextInt(4));
        }

        private void inFlight(int tasks) {
            loop.execute(() -> {
                if (tasks > 0) {
                    inFlight(tasks - 1);
                } else {
                    writes.decrementAndGet();
                    gate.ended(passage, 200);
                    loop.execute(this::next);
                }
            });
        }

        @Override
        public void shed(ShedReason reason, int retryAfterSeconds) {
            broken.compareAndSet(null, "shed: " + reason);
            loop.execute(this::next);
        }

        @Override
        public String clientAddress() {
            return "192.0.2.1";
        }

        @Override
        public RequestInfo describe() {
            return new RequestInfo("", "", RequestClass.WRITE, "POST", "/", null, 0, 0);
        }
    }

    @Test
    void hold_flip_release_under_load() throws Exception {
        ScheduledExecutorService switchboard = Executors.newSingleThreadScheduledExecutor();
        List<ThreadLoop> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            loops.add(new ThreadLoop());
        }
        try {
            ProxyConfig.Gate bounds = new ProxyConfig.Gate(
                    ProxyConfig.Waits.of(Duration.ofSeconds(30), Duration.ofSeconds(30)),
                    1_000,
                    1 << 20,
                    0,
                    3,
                    Duration.ofSeconds(20));
            Gate gate = Gate.open(bounds, Side.OLD, new StateFile(new MemoryDisk()), switchboard, Time.system(), loops);
            CountDownLatch stopped = new CountDownLatch(LOOPS * CONNECTIONS);
            for (int i = 0; i < LOOPS * CONNECTIONS; i++) {
                ThreadLoop loop = loops.get(i % LOOPS);
                Client client = new Client(loop, gate.loopGate(i % LOOPS), stopped, i);
                loop.execute(client::next);
            }

            for (int move = 0; move < MOVES; move++) {
                move(gate);
            }

            stopping = true;
            assertThat(stopped.await(30, TimeUnit.SECONDS))
                    .as("nobody is left behind")
                    .isTrue();
            assertThat(broken.get()).isNull();
            GateState end = get(gate.state());
            assertThat(end.tally().parkedTotal())
                    .isPositive()
                    .isEqualTo(end.tally().releasedTotal());
            assertThat(end.staleWrites()).isZero();
            assertThat(end.writesInFlight()).isZero();
        } finally {
            loops.forEach(ThreadLoop::close);
            switchboard.shutdownNow();
        }
    }

    private void move(Gate gate) throws Exception {
        HoldCommand hold =
                new HoldCommand(Duration.ofSeconds(30), Expiry.SHED, Scope.WRITES, Duration.ofSeconds(20), "test");
        GateState held = get(gate.hold(hold, null, World.TESTER));
        assertThat(held.routing().phase()).isEqualTo(Phase.DRAINED);
        drained.set(true);
        assertThat(writes.get()).as("drained is true").isZero();
        Side to = held.routing().active().other();
        get(gate.flip(to, true, held.epoch(), World.TESTER));
        expected = to;
        assertThat(writes.get()).as("drained is still true").isZero();
        drained.set(false);
        ReleaseCommand release = new ReleaseCommand(held.routing().hold().id(), null, Duration.ofSeconds(60));
        assertThat(get(gate.release(release, null, World.TESTER)).routing().phase())
                .isEqualTo(Phase.OPEN);
    }

    private static GateState get(java.util.concurrent.CompletionStage<GateState> answer) throws Exception {
        return answer.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
