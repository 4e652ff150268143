package sluice.proxy.admin;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import sluice.proxy.gate.Admission;
import sluice.proxy.gate.LoopGate;
import sluice.proxy.gate.Passage;
import sluice.proxy.gate.RequestInfo;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.route.RequestClass;

/** A write on the bench's first loop that is in flight, or waits, until it is told to end. */
final class Write implements Passage.Owner {
    private final AdminBench bench;
    private final Passage passage = new Passage(this);
    private final CompletableFuture<Void> through = new CompletableFuture<>();

    Write(AdminBench bench) {
        this.bench = bench;
    }

    Admission ask() {
        return onLoop(() -> loop().ask(passage, RequestClass.WRITE, 100));
    }

    void end(int status) {
        onLoop(() -> {
            loop().sending(passage);
            loop().ended(passage, status);
            return true;
        });
    }

    /** Its upstream breaks, and nobody can say whether it happened. */
    void breakOff() {
        onLoop(() -> {
            loop().unknown(passage);
            return true;
        });
    }

    /** Completes when it has waited and is let through. */
    CompletableFuture<Void> through() {
        return through;
    }

    private LoopGate loop() {
        return bench.gate.loopGate(0);
    }

    private <T> T onLoop(Supplier<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        bench.loops.get(0).execute(() -> {
            try {
                done.complete(task.get());
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        return done.join();
    }

    @Override
    public void granted() {
        through.complete(null);
    }

    @Override
    public void shed(ShedReason reason, int retryAfterSeconds) {
        through.completeExceptionally(new IllegalStateException("shed: " + reason));
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
