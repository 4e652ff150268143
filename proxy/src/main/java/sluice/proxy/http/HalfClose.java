package sluice.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Watches a plain TCP connection whose client has sent its FIN while an answer is still to come. The client may have closed or only
 * half-closed (RFC 9112, 9.6); both look the same until something is sent to it: who has gone answers with a reset. So it gets an
 * interim answer, which a client has to bear though it did not expect it (RFC 9110, 15.2).
 *
 * <p>Netty's epoll transport takes a half-closed socket out of its epoll set and then hears of no reset (it used to spin instead,
 * CVE-2026-42577), so the socket's state is looked at: a few milliseconds later, then at growing intervals. From a second on a
 * further probe goes with each look, for a client that closes later: that sends nothing by itself any more. In a wait of 25 s that
 * makes five. Confined to the connection's event loop.
 */
final class HalfClose implements Runnable {
    private static final byte[] PROBE = "HTTP/1.1 102 Processing\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** TCP_CLOSE_WAIT of Linux: the other side has ended, and takes what is sent. */
    private static final int CLOSE_WAIT = 8;

    private static final long FIRST_LOOK_MILLIS = 5;
    private static final long PROBES_FROM_MILLIS = 1000;

    private final FrontHandler front;
    private final Channel channel;
    private long delay = FIRST_LOOK_MILLIS;

    HalfClose(FrontHandler front, Channel channel) {
        this.front = front;
        this.channel = channel;
    }

    void begin() {
        probe();
        again();
    }

    private void probe() {
        if (front.awaitsAnswer()) {
            front.write(channel.alloc().directBuffer(PROBE.length).writeBytes(PROBE));
            front.flush();
        }
    }

    private void again() {
        channel.eventLoop().schedule(this, delay, TimeUnit.MILLISECONDS);
        delay *= 2;
    }

    @Override
    public void run() {
        if (!channel.isActive()) {
            return;
        }
        if (((EpollSocketChannel) channel).tcpInfo().state() != CLOSE_WAIT) {
            channel.close();
            return;
        }
        if (delay > PROBES_FROM_MILLIS) {
            probe();
        }
        again();
    }
}
