package sluice.proxy.accesslog;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the lines of all event loops, on a thread of its own. A loop never waits for it: when the disk, or whoever reads the
 * standard output, does not keep up, lines are dropped and counted.
 */
public final class AccessLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

    /** The most bytes that may wait for the writer. */
    static final long MOST_QUEUED = 4 << 20;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long COMPLAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long CLOSE_MILLIS = 5000;

    private final LineForm form;
    private final Clock clock;
    private final Output output;
    private final Thread writer;
    private final List<LoopLog> loops = new ArrayList<>();
    private final Queue<Batch> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queued = new AtomicLong();
    private final LongAdder dropped = new LongAdder();
    private final AtomicLong errors = new AtomicLong();
    private volatile boolean reopen;
    private volatile boolean closing;
    /** When a failure was last told; the writer's own. */
    private long complained = System.nanoTime() - COMPLAIN_NANOS;

    private AccessLog(Output output, LineForm form, Clock clock) {
        this.output = output;
        this.form = form;
        this.clock = clock;
        this.writer = new Thread(this::run, "access-log");
        writer.setDaemon(true);
    }

    /**
     * Opens the file, which is made if there is none and added to if there is one, and starts the writer.
     *
     * @param file null for the standard output
     * @param clock for the times in the lines; its zone is that of {@link LineForm#COMBINED}
     * @throws IOException when the file cannot be written to; the message names it
     */
    public static AccessLog open(@Nullable Path file, LineForm form, Clock clock) throws IOException {
        AccessLog opened = new AccessLog(Output.open(file), form, clock);
        opened.writer.start();
        return opened;
    }

    /** The part of one more event loop. Before the loop has requests. */
    public LoopLog loopLog() {
        LoopLog loop = new LoopLog(this, form, clock);
        synchronized (loops) {
            loops.add(loop);
        }
        return loop;
    }

    /** Opens the file by its name again: it may have been renamed. Any thread; returns at once. */
    public void reopen() {
        reopen = true;
        LockSupport.unpark(writer);
    }

    /** How many lines were dropped: since too many waited, or since they could not be written. Any thread. */
    public long dropped() {
        return dropped.sum();
    }

    /** How many writes failed. Any thread. */
    public long writeErrors() {
        return errors.get();
    }

    /** Takes lines from a loop, or drops them. */
    void take(Batch batch) {
        int n = batch.bytes().length;
        if (queued.addAndGet(n) > MOST_QUEUED) {
            queued.addAndGet(-n);
            dropped.add(batch.lines());
            return;
        }
        queue.add(batch);
        LockSupport.unpark(writer);
    }

    private void run() {
        while (true) {
            // Before the queue: what came before the close is in it.
            boolean last = closing;
            if (reopen) {
                reopen = false;
                reopenOutput();
            }
            for (Batch batch = queue.poll(); batch != null; batch = queue.poll()) {
                write(batch);
                queued.addAndGet(-batch.bytes().length);
            }
            if (last) {
                return;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private void reopenOutput() {
        try {
            output.reopen();
        } catch (IOException e) {
            errors.incrementAndGet();
            log.warn("the access log goes on in the file that was open: {} cannot be opened: {}", output, e.toString());
        }
    }

    private void write(Batch batch) {
        try {
            output.write(batch.bytes());
        } catch (IOException e) {
            errors.incrementAndGet();
            dropped.add(output.linesLost(batch));
            long now = System.nanoTime();
            if (now - complained >= COMPLAIN_NANOS) {
                complained = now;
                log.warn(
                        "lines of the access log are lost: {} cannot be written to: {}; free its disk, or reload after"
                                + " it was moved (told once a minute)",
                        output,
                        e.toString());
            }
        }
    }

    /** Writes what there is, for at most 5 s. The loops must have ended. */
    @Override
    public void close() {
        synchronized (loops) {
            loops.forEach(LoopLog::flush);
        }
        closing = true;
        LockSupport.unpark(writer);
        try {
            writer.join(CLOSE_MILLIS);
            if (writer.isAlive()) {
                log.warn("the end of the access log is lost: {} takes nothing", output);
                // Which closes the file under a write that does not return.
                writer.interrupt();
                writer.join(CLOSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        output.close();
    }
}
