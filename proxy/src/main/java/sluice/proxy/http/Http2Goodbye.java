package sluice.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The end of an HTTP/2 connection in two steps (RFC 9113 section 6.8): first "no new requests, please", which refuses nothing; and
 * when the client has seen that, the number of the last request that is answered. So no request is lost between the two, which could
 * not be told from one that was done. Confined to its event loop.
 */
final class Http2Goodbye {
    /** How long to wait for the client's answer, and at the end for the client to close. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final long PING = 0x736c_7569_6365L;

    private enum Stage {
        NONE,
        ANNOUNCED,
        LAST
    }

    private final Http2Handler handler;
    private final ChannelHandlerContext ctx;
    private Stage stage = Stage.NONE;

    /** @param ctx Netty's handler's */
    Http2Goodbye(Http2Handler handler, ChannelHandlerContext ctx) {
        this.handler = handler;
        this.ctx = ctx;
    }

    /** The connection shall end. */
    void begin() {
        if (stage != Stage.NONE) {
            return;
        }
        stage = Stage.ANNOUNCED;
        goAway(Integer.MAX_VALUE);
        ChannelFuture unused = handler.encoder().writePing(ctx, false, PING, ctx.newPromise());
        handler.flush(ctx);
        Future<?> later = ctx.executor().schedule(this::last, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        ctx.channel().closeFuture().addListener(closed -> later.cancel(false));
    }

    /** The client has answered a ping. */
    void pong(long data) {
        if (data == PING) {
            last();
        }
    }

    private void last() {
        if (stage != Stage.ANNOUNCED) {
            return;
        }
        stage = Stage.LAST;
        goAway(handler.connection().remote().lastStreamCreated());
        handler.flush(ctx);
        streamsOver(handler.connection().numActiveStreams());
    }

    /** Some stream is over. After the last one the client closes, or is closed. */
    void streamsOver(int left) {
        if (stage == Stage.LAST && left == 0) {
            Future<?> later = ctx.executor().schedule(() -> ctx.close(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            ctx.channel().closeFuture().addListener(closed -> later.cancel(false));
        }
    }

    private void goAway(int last) {
        ChannelFuture unused =
                handler.goAway(ctx, last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
    }
}
