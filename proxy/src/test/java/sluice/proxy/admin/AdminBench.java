package sluice.proxy.admin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.ThreadLoop;
import sluice.proxy.gate.Time;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.FileDisk;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/** The admin endpoint on a real unix socket and a real port, with a real gate on real threads and a real state file. */
final class AdminBench implements AutoCloseable {
    static final String ALICE = "alice-0123456789abcdef0123456789abcdef";
    static final String BOB = "bob-0123456789abcdef0123456789abcdef";

    final Gate gate;
    final AdminServer server;
    final RawHttp unix;
    final RawHttp tcp;
    final List<ThreadLoop> loops = List.of(new ThreadLoop(), new ThreadLoop());
    private final ScheduledExecutorService switchboard = Executors.newSingleThreadScheduledExecutor();
    private final FileDisk disk;

    AdminBench(Path folder) {
        this(folder, ProxyConfig.Gate.DEFAULT);
    }

    AdminBench(Path folder, ProxyConfig.Gate bounds) {
        try {
            Path token = Files.writeString(folder.resolve("token"), "alice " + ALICE + "\nbob " + BOB + "\n");
            disk = new FileDisk(folder);
            gate = Gate.open(bounds, Side.OLD, new StateFile(disk), switchboard, Time.system(), loops);
            gate.begin().toCompletableFuture().join();
            Path socket = folder.resolve("admin.sock");
            server = AdminServer.start(
                    new ProxyConfig.Listen(
                            List.of(),
                            List.of(),
                            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                            List.of(socket),
                            token),
                    gate,
                    new Nothing());
            unix = RawHttp.unix(socket);
            tcp = RawHttp.tcp(server.addresses().get(0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    /** Which side a loop takes for the active one. */
    String activeOn(int loop) {
        CompletableFuture<String> active = new CompletableFuture<>();
        loops.get(loop)
                .execute(() ->
                        active.complete(gate.loopGate(loop).routing().active().label()));
        return active.join();
    }

    /** Starts a call that may take its time. */
    static CompletableFuture<RawHttp.Answer> begin(Callable<RawHttp.Answer> call) {
        CompletableFuture<RawHttp.Answer> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                answer.complete(call.call());
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return answer;
    }

    /** Waits until it is so, for at most 15 s. */
    static void await(java.util.function.BooleanSupplier so) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!so.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it did not come to it");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    @Override
    public void close() {
        server.close();
        switchboard.shutdownNow();
        loops.forEach(ThreadLoop::close);
        try {
            disk.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
