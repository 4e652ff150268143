package sluice.proxy.route;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only writer of the {@link Routing}. Every transition, an expiry too, has one order: disk, then a barrier over the event
 * loops, then the answer.
 *
 * <p>It owns one thread; whatever decides about transitions runs on it ({@link #call}, {@link #later}).
 */
public final class Switchboard {
    private static final Logger LOG = LoggerFactory.getLogger(Switchboard.class);

    /** One event loop, as the barrier sees it. */
    public interface Desk {
        /**
         * Runs a task on the loop, after everything given to it before.
         *
         * @throws java.util.concurrent.RejectedExecutionException the loop has ended
         */
        void execute(Runnable task);

        /** From now on the loop goes by this routing. Called on the loop. */
        void install(Routing routing);
    }

    private final StateFile file;
    private final ScheduledExecutorService thread;
    private List<? extends Desk> desks = List.of();
    private Routing routing;
    private volatile @Nullable Thread current;

    /**
     * @param thread one thread; this switchboard's alone
     * @param start what the state file says
     */
    public Switchboard(StateFile file, ScheduledExecutorService thread, Routing start) {
        this.file = file;
        this.thread = thread;
        this.routing = start;
    }

    /** Says which loops there are; they must go by {@link #routing()} already. To be called once, before anything else. */
    public void attach(List<? extends Desk> loops) {
        this.desks = List.copyOf(loops);
    }

    /** The last routing that was published, whether or not every loop has answered. On the switchboard's thread. */
    public Routing routing() {
        return routing;
    }

    /** Runs something on the switchboard's thread; its failure, thrown or in the future, becomes the future's. */
    public <T> CompletableFuture<T> call(Supplier<CompletableFuture<T>> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        execute(() -> {
            try {
                forward(task.get(), answer);
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** Runs something on the switchboard's thread. */
    public void execute(Runnable task) {
        thread.execute(() -> run(task));
    }

    /** Runs something on the switchboard's thread after a time. */
    public void later(long delayNanos, Runnable task) {
        Future<?> unused = timer(delayNanos, task);
    }

    /** As {@link #later}, to be cancelled. */
    public Future<?> timer(long delayNanos, Runnable task) {
        return thread.schedule(() -> run(task), Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
    }

    /** Whether the caller is on the switchboard's thread. */
    public boolean onThread() {
        return Thread.currentThread().equals(current);
    }

    /**
     * Makes a routing the one that counts.
     *
     * @param next differs from {@link #routing()}
     * @param whenDurable runs when the routing is on disk and no loop knows it yet: what has to stop before the barrier stops
     *     here
     * @return completes on the switchboard's thread when every loop goes by it; fails with an IOException when it could not be
     *     made durable: then nothing has changed
     */
    public CompletableFuture<Void> publish(Routing next, Runnable whenDurable) {
        assert onThread();
        Routing onDisk = durable(next);
        if (!file.holds(onDisk)) {
            try {
                file.write(onDisk);
            } catch (IOException e) {
                LOG.error("The routing cannot be made durable and does not change: {}", e.toString());
                return CompletableFuture.failedFuture(e);
            }
        }
        routing = next;
        whenDurable.run();
        return barrier(desk -> desk.install(next));
    }

    /**
     * Requests are about to be let through: says so on disk, see {@link StateFile#taken}.
     *
     * @throws IOException it could not be made durable
     */
    public void begins() throws IOException {
        assert onThread();
        file.taken();
    }

    /** What is wrong with the disk, see {@link StateFile#damage}. */
    public String damage() {
        assert onThread();
        return file.damage();
    }

    /**
     * Nothing is in flight and nothing can be any more: says so on disk, see {@link StateFile#givenBack}.
     *
     * @throws IOException it could not be made durable
     */
    public void endsWell() throws IOException {
        assert onThread();
        file.givenBack();
    }

    /** Has every loop install the present routing once more, so that each says where it is. */
    public void installAgain() {
        assert onThread();
        Routing present = routing;
        CompletableFuture<Void> unused = barrier(desk -> desk.install(present));
    }

    /** Something done on a loop. */
    public interface OnLoop {
        void on(Desk desk);
    }

    /** Runs something on every loop; completes on the switchboard's thread when all have done it. */
    public CompletableFuture<Void> barrier(OnLoop task) {
        CompletableFuture<Void> all = new CompletableFuture<>();
        AtomicInteger missing = new AtomicInteger(desks.size());
        for (Desk desk : desks) {
            desk.execute(() -> {
                try {
                    task.on(desk);
                } catch (RuntimeException | Error e) {
                    // A loop that did not do it is never counted as one that did.
                    execute(() -> all.completeExceptionally(e));
                    throw e;
                }
                if (missing.decrementAndGet() == 0) {
                    execute(() -> all.complete(null));
                }
            });
        }
        return all;
    }

    /**
     * What is written of a routing. A release is on disk as what it ends in: parked requests do not outlive the process, so
     * there is nothing to release after a restart.
     */
    private static Routing durable(Routing routing) {
        return routing.phase() == Phase.RELEASING
                ? routing.at(routing.epoch(), Phase.OPEN, Arrivals.PASS, null)
                : routing;
    }

    private void run(Runnable task) {
        Thread outer = current;
        current = Thread.currentThread();
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("A task of the switchboard failed", e);
            throw e;
        } finally {
            current = outer;
        }
    }

    private static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
        CompletableFuture<T> unused = from.whenComplete((value, failure) -> {
            if (failure != null) {
                to.completeExceptionally(failure);
            } else {
                to.complete(value);
            }
        });
    }
}
