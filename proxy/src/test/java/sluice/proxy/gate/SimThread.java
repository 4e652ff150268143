package sluice.proxy.gate;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The switchboard's thread and its clock: both stand still until the test says so. */
final class SimThread extends AbstractExecutorService implements ScheduledExecutorService {
    private static final Instant START = Instant.parse("2026-11-23T12:00:00Z");

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Timer> timers = new ArrayList<>();
    private long nanos;
    private long number;

    /** A clock that goes on from where another one stands. */
    SimThread(long nanos) {
        this.nanos = nanos;
    }

    private static final class Timer extends FutureTask<Void> implements RunnableScheduledFuture<Void> {
        private final long at;
        private final long number;

        Timer(Runnable task, long at, long number) {
            super(task, null);
            this.at = at;
            this.number = number;
        }

        long at() {
            return at;
        }

        long number() {
            return number;
        }

        /** Throws what the task threw. */
        void failure() {
            try {
                get();
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public boolean isPeriodic() {
            return false;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(at, other.getDelay(TimeUnit.NANOSECONDS));
        }
    }

    Time time() {
        return new Time(() -> nanos, () -> START.plusNanos(nanos));
    }

    long nanos() {
        return nanos;
    }

    boolean runOne() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        task.run();
        if (task instanceof Timer timer && !timer.isCancelled()) {
            timer.failure();
        }
        return true;
    }

    /** Time passes; what becomes due is queued in order of time. */
    void pass(long by) {
        nanos += by;
        timers.removeIf(Timer::isCancelled);
        List<Timer> due = new ArrayList<>(
                timers.stream().filter(timer -> timer.at() <= nanos).toList());
        due.sort(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
        timers.removeAll(due);
        tasks.addAll(due);
    }

    /** Time passes up to the next timer, if there is one until then. */
    boolean passToNextWithin(long until) {
        timers.removeIf(Timer::isCancelled);
        long next = timers.stream().mapToLong(Timer::at).min().orElse(Long.MAX_VALUE);
        if (next > until) {
            return false;
        }
        pass(Math.max(0, next - nanos));
        return true;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        Timer timer = new Timer(task, nanos + unit.toNanos(delay), ++number);
        timers.add(timer);
        return timer;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long initial, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initial, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
