package sluice.proxy.admin;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.Caller;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.Loop;
import sluice.proxy.gate.LoopGate;
import sluice.proxy.gate.Passage;
import sluice.proxy.gate.RequestInfo;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.gate.Time;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/**
 * Goes through a whole hold on paper, with a gate of its own that nobody else sees. A proxy serves for weeks before its first
 * hold, and a JVM loads and links code when it runs for the first time: without this, tens of milliseconds of that would lie in
 * the hold, with everybody waiting.
 */
public final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** The second round takes the paths that depend on the first. */
    private static final int ROUNDS = 2;

    private static final long BOUND_SECONDS = 5;

    private final ScheduledExecutorService thread;
    private final LoopGate loopGate;
    private final AdminApi api;

    private WarmUp(ProxyConfig.Gate bounds, ScheduledExecutorService thread, Thread itself) throws IOException {
        this.thread = thread;
        Loop loop = new Loop() {
            @Override
            public void execute(Runnable task) {
                thread.execute(task);
            }

            @Override
            public boolean inLoop() {
                return Thread.currentThread().equals(itself);
            }
        };
        Gate gate = Gate.onPaper(bounds, new StateFile(new Paper()), thread, Time.system(), List.of(loop));
        loopGate = gate.loopGate(0);
        api = new AdminApi(gate, new Nothing(), InstantSource.system());
    }

    /**
     * Goes through it. Blocks for a fraction of a second; never fails, because serving does not depend on it.
     *
     * @return whether everything went as it should
     */
    public static boolean run(ProxyConfig.Gate bounds) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "warm-up");
            made.setDaemon(true);
            return made;
        });
        try {
            Thread itself = thread.submit(Thread::currentThread).get(BOUND_SECONDS, TimeUnit.SECONDS);
            WarmUp warmUp = new WarmUp(bounds, thread, itself);
            for (int round = 0; round < ROUNDS; round++) {
                warmUp.hold();
            }
            return true;
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
            LOG.warn("A hold could not be tried on paper; the first one will take a little longer: {}", e.toString());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            thread.shutdownNow();
        }
    }

    private void hold() throws ExecutionException, InterruptedException, TimeoutException {
        call("GET", "/v1/state", "");
        call(
                "POST",
                "/v1/hold",
                "{\"ttl\":\"20s\",\"expiry\":\"open\",\"scope\":\"writes\",\"wait\":\"2s\",\"owner\":\"r\"}");
        List<Write> writes = List.of(new Write(), new Write(), new Write());
        for (Write write : writes) {
            thread.submit(write::ask).get(BOUND_SECONDS, TimeUnit.SECONDS);
        }
        String state = call("GET", "/v1/state", "");
        String hold = between(state, "\"hold\":{\"id\":\"", "\"");
        call("PATCH", "/v1/hold/" + hold, "{\"ttl\":\"20s\",\"expiry\":\"shed\"}");
        call("POST", "/v1/flip", "{\"to\":\"new\",\"drained\":true}");
        call("POST", "/v1/release", "{\"hold\":\"" + hold + "\",\"to\":\"new\",\"wait\":\"2s\"}");
        for (Write write : writes) {
            write.done.get(BOUND_SECONDS, TimeUnit.SECONDS);
        }
        call("POST", "/v1/flip", "{\"to\":\"old\"}");
    }

    private String call(String method, String path, String body)
            throws ExecutionException, InterruptedException, TimeoutException {
        AdminRequest request =
                new AdminRequest(method, path, new Parameters(Map.of(), body), null, new Caller("warm-up", "inside"));
        AdminResponse response = api.call(request).toCompletableFuture().get(BOUND_SECONDS, TimeUnit.SECONDS);
        if (response.status() != 200) {
            throw new IllegalStateException(method + " " + path + " was answered " + response.body());
        }
        return response.body();
    }

    private static String between(String text, String before, String after) {
        int from = text.indexOf(before) + before.length();
        int to = text.indexOf(after, from);
        if (from < before.length() || to < 0) {
            throw new IllegalStateException("no " + before + " in " + text);
        }
        return text.substring(from, to);
    }

    /** A request that waits, is let through and succeeds at once. */
    private final class Write implements Passage.Owner {
        private final Passage passage = new Passage(this);
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        void ask() {
            switch (loopGate.ask(passage, RequestClass.WRITE, 1)) {
                case PARKED -> {}
                case PASS, SHED -> done.completeExceptionally(new IllegalStateException("a write did not wait"));
            }
        }

        @Override
        public void granted() {
            loopGate.sending(passage);
            loopGate.ended(passage, 200);
            done.complete(null);
        }

        @Override
        public void shed(ShedReason reason, int retryAfterSeconds) {
            done.completeExceptionally(new IllegalStateException("a write was shed: " + reason));
        }

        @Override
        public String clientAddress() {
            return "";
        }

        @Override
        public RequestInfo describe() {
            return new RequestInfo("", "", RequestClass.WRITE, "POST", "/", null, 0, 0);
        }
    }

    private static final class Nothing implements Sources {
        @Override
        public boolean healthy(Side side) {
            return true;
        }

        @Override
        public CompletionStage<LoopMetrics> metrics() {
            return CompletableFuture.completedFuture(new LoopMetrics());
        }

        @Override
        public Map<String, Instant> certificates() {
            return Map.of();
        }
    }
}
