package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.metrics.LoopMetrics.Refusal;

/**
 * Looks at the first bytes of a connection before anybody else does, with a deadline for all of them together. When they have said
 * what is to be known, what has come is handed to the handlers that are behind this one by then.
 */
abstract class FirstBytes extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(FirstBytes.class);

    private final Duration timeout;
    private final LoopMetrics metrics;
    private final Refusal refusal;
    private @Nullable ByteBuf collected;
    private @Nullable Future<?> deadline;
    private boolean over;

    /** @param refusal what it is counted as when the deadline passes, or when {@link #look} has nothing good to say */
    FirstBytes(Duration timeout, LoopMetrics metrics, Refusal refusal) {
        this.timeout = timeout;
        this.metrics = metrics;
        this.refusal = refusal;
    }

    /**
     * Looks at what has come so far. When it knows what it wants, it adds handlers to the pipeline and calls {@link #handOver}, or
     * calls {@link #take} or {@link #refuse}; else it returns, and is called again with more.
     *
     * @param all from the first byte that was not read; what is read is gone
     * @param added how many of its bytes came with this call
     */
    abstract void look(ChannelHandlerContext ctx, ByteBuf all, int added);

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = ctx.executor()
                .schedule(
                        () -> refuse(ctx, "its first bytes took too long"), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (over) {
            in.release();
            return;
        }
        int added = in.readableBytes();
        ByteBuf before = collected;
        ByteBuf all = before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
        collected = all;
        look(ctx, all, added);
    }

    /** Leaves the pipeline, and gives what has come to the handlers behind. */
    final void handOver(ChannelHandlerContext ctx) {
        ByteBuf bytes = take();
        if (bytes.isReadable()) {
            ctx.fireChannelRead(bytes);
        } else {
            bytes.release();
        }
        // Only now: whoever is removed from a pipeline can tell nobody any more.
        ctx.pipeline().remove(this);
    }

    /** What has come; the caller releases it. This handler is over then, and only removes itself. */
    final ByteBuf take() {
        ByteBuf bytes = collected;
        if (bytes == null) {
            throw new IllegalStateException("nothing has come");
        }
        collected = null;
        end();
        return bytes;
    }

    final void refuse(ChannelHandlerContext ctx, String why) {
        if (over) {
            return;
        }
        metrics.refused(refusal);
        log.debug("closing the connection from {}: {}", ctx.channel().remoteAddress(), why);
        end();
        ctx.close();
    }

    private void end() {
        over = true;
        Future<?> d = deadline;
        if (d != null) {
            d.cancel(false);
        }
        ByteBuf bytes = collected;
        if (bytes != null) {
            collected = null;
            bytes.release();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        end();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            log.warn(
                    "closing the connection from {}: it met a fault",
                    ctx.channel().remoteAddress(),
                    cause);
        }
        ctx.close();
    }
}
