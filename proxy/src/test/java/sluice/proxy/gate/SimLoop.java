package sluice.proxy.gate;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;

/** An event loop that runs when the test says so. */
final class SimLoop implements Loop {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;
    private boolean ended;

    @Override
    public void execute(Runnable task) {
        if (ended) {
            throw new RejectedExecutionException("simulated: the loop has ended");
        }
        tasks.add(task);
    }

    /** From now on it takes no more tasks, or does again. */
    void end(boolean hasEnded) {
        ended = hasEnded;
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    /** Runs something as the loop itself. */
    void run(Runnable task) {
        boolean before = running;
        running = true;
        try {
            task.run();
        } finally {
            running = before;
        }
    }

    /** Runs the next task, if there is one. */
    boolean runOne() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        run(task);
        return true;
    }
}
