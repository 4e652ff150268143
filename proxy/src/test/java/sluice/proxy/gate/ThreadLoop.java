package sluice.proxy.gate;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A loop with a real thread, for tests. */
public final class ThreadLoop implements Loop, AutoCloseable {
    private volatile Thread own;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> {
        own = new Thread(task, "loop");
        return own;
    });

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread().equals(own);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
