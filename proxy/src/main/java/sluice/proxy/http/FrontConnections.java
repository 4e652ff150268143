package sluice.proxy.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.upstream.Upstreams;

/**
 * The client connections of one event loop, as a list that runs through them. Nothing is scheduled for a request: each has a
 * deadline, and the sweep looks at them once a second. Confined to the loop but for {@link #stop}.
 */
final class FrontConnections {
    /** A deadline is found up to a second late, and is counted from a moment that is up to a second ago. */
    private static final long SLACK = TimeUnit.SECONDS.toNanos(1);

    private static final Logger log = LoggerFactory.getLogger(FrontConnections.class);

    private final EventLoop loop;
    private final Promise<Void> empty;
    private @Nullable FrontConnection first;
    private int count;
    private long swept;
    private boolean stopping;

    FrontConnections(EventLoop loop, long nanos) {
        this.loop = loop;
        this.empty = loop.newPromise();
        this.swept = nanos;
    }

    void add(FrontConnection front) {
        front.next = first;
        if (first != null) {
            first.previous = front;
        }
        first = front;
        count++;
    }

    void remove(FrontConnection front) {
        if (front.previous != null) {
            front.previous.next = front.next;
        } else {
            first = front.next;
        }
        if (front.next != null) {
            front.next.previous = front.previous;
        }
        front.previous = null;
        front.next = null;
        count--;
        finishStop();
    }

    int count() {
        return count;
    }

    boolean stopping() {
        return stopping;
    }

    /** The deadline of something that starts now, without asking the clock. */
    long deadline(Duration timeout) {
        return swept + timeout.toNanos() + SLACK;
    }

    void sweep(long now) {
        swept = now;
        each(front -> front.checkDeadline(now));
    }

    /** One after another; one that meets a fault is closed, and does not keep the others from their turn. */
    private void each(Consumer<FrontConnection> action) {
        for (FrontConnection front = first; front != null; ) {
            FrontConnection next = front.next;
            try {
                action.accept(front);
            } catch (RuntimeException e) {
                log.error("closing a connection: it met a fault", e);
                loop.execute(front::abort);
            }
            front = next;
        }
    }

    Future<Void> stop(Upstreams.Pools pools) {
        loop.execute(() -> {
            stopping = true;
            pools.close();
            each(FrontConnection::stop);
            finishStop();
        });
        return empty;
    }

    void abort() {
        each(FrontConnection::abort);
    }

    private void finishStop() {
        if (stopping && first == null) {
            empty.trySuccess(null);
        }
    }
}
