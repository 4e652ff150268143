package sluice.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The end of a client's HTTP/1 connection: its last answer goes out to its end, then the connection closes; where the client is still
 * sending only after a while, since a reset could overtake the answer. Confined to the connection's event loop.
 */
final class Http1Goodbye {
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final Http1Front front;
    /** Whether the client has ended its half: nothing more can come. */
    private boolean clientEnded;
    /** Whether everything is out. */
    private boolean out;

    Http1Goodbye(Http1Front front) {
        this.front = front;
    }

    /** The client has ended its half. */
    void clientEnded() {
        clientEnded = true;
        if (out) {
            front.channel().close();
        }
    }

    boolean hasClientEnded() {
        return clientEnded;
    }

    /**
     * Nothing more is written. Sets the front's deadline: a client that is slow to take the end of its answer has as long as one that
     * is slow to take any other part.
     *
     * @param allRead whether nothing is left of what the client has sent; asked when everything is out
     */
    void begin(BooleanSupplier allRead) {
        front.deadline(front.path.limits().clientIdle());
        Channel ch = front.channel();
        ChannelHandlerContext tls = ch.pipeline().context(SslHandler.class);
        ChannelFutureListener then = f -> {
            out = true;
            front.deadline(LINGER);
            // With TLS there is no half-close to tell it by.
            if (!f.isSuccess() || clientEnded || allRead.getAsBoolean()) {
                ch.close();
            } else if (ch instanceof DuplexChannel duplex && tls == null) {
                duplex.shutdownOutput();
            }
        };
        if (clientEnded && tls != null) {
            // Behind close_notify nothing can be encrypted any more, not even nothing; what was encrypted before is
            // still to go.
            ch.flush();
            tls.write(Unpooled.EMPTY_BUFFER).addListener(then);
            tls.flush();
        } else {
            ch.write(Unpooled.EMPTY_BUFFER).addListener(then);
            ch.flush();
        }
    }
}
