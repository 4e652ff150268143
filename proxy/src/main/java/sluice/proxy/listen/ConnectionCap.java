package sluice.proxy.listen;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** At most so many client connections at a time over all event loops. One more is closed at once, and counted. */
final class ConnectionCap {
    private static final Logger log = LoggerFactory.getLogger(ConnectionCap.class);

    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();

    ConnectionCap(int most) {
        this.most = most;
    }

    /** Whether this connection may stay. It is given back by itself when the connection closes. */
    boolean admit(Channel connection) {
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            if (refused.getAndIncrement() == 0) {
                log.warn("all {} connections are in use, more are closed at once; see limits.connections", most);
            }
            return false;
        }
        connection.closeFuture().addListener(closed -> open.decrementAndGet());
        return true;
    }

    int open() {
        return open.get();
    }

    /** How many connections were closed because of the cap. */
    long refused() {
        return refused.get();
    }
}
