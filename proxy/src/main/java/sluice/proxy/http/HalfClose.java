package sluice.proxy.http;

import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Probes a plain TCP connection whose client has sent its FIN while an answer is still to come. The client may have closed or only
 * half-closed (RFC 9112, 9.6); both look the same until something is sent to it: who has gone answers with a reset, which closes the
 * connection at once (the loop's epoll hears of it: see {@code SteadyEpoll}). So it gets an interim answer, which a client has to bear
 * though it did not expect it (RFC 9110, 15.2).
 *
 * <p>Further probes follow at growing intervals, for a client that closes later: that sends nothing by itself any more. In a wait of
 * 25 s that makes five. Confined to the connection's event loop.
 */
final class HalfClose implements Runnable {
    private static final byte[] PROBE = "HTTP/1.1 102 Processing\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final long FIRST_PAUSE_MILLIS = 1000;

    private final FrontHandler front;
    private final Channel channel;
    private long pause = FIRST_PAUSE_MILLIS;

    HalfClose(FrontHandler front, Channel channel) {
        this.front = front;
        this.channel = channel;
    }

    @Override
    public void run() {
        if (!channel.isActive()) {
            return;
        }
        if (front.awaitsAnswer()) {
            front.write(channel.alloc().directBuffer(PROBE.length).writeBytes(PROBE));
            front.flush();
        }
        channel.eventLoop().schedule(this, pause, TimeUnit.MILLISECONDS);
        pause *= 2;
    }
}
