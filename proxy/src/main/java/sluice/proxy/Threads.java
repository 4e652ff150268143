package sluice.proxy;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;

/** The threads beside the event loops. */
final class Threads implements AutoCloseable {
    private final ScheduledExecutorService switchboard =
            Executors.newSingleThreadScheduledExecutor(named("switchboard"));
    private final ExecutorService resolver = Executors.newSingleThreadExecutor(named("resolver"));

    private final ScheduledExecutorService certificates =
            Executors.newSingleThreadScheduledExecutor(named("certificates"));

    /** The single writer of the routing and of the state file. */
    ScheduledExecutorService switchboard() {
        return switchboard;
    }

    /** Where names of upstreams are looked up; may block. */
    Executor resolver() {
        return resolver;
    }

    /** Where folders with certificates are looked at; may block. */
    ScheduledExecutorService certificates() {
        return certificates;
    }

    @Override
    public void close() {
        certificates.shutdownNow();
        switchboard.shutdownNow();
        resolver.shutdownNow();
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
