package sluice.proxy.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.proxy.metrics.LoopMetrics;

/** Waits for the name that a client asks for in its TLS handshake, which says which certificate it gets, or whose connection it is. */
final class TlsNameHandler extends FirstBytes {
    private final Choice choice;
    private final Duration timeout;
    private final ClientHello hello = new ClientHello();
    private long since;

    /** What is done with a connection when its name is known. */
    interface Choice {
        /**
         * Either adds handlers and calls {@link FirstBytes#handOver}, or takes the connection away with {@link FirstBytes#take}.
         *
         * @param name null when there is none
         * @param left what is left of the time for the handshake
         */
        void made(ChannelHandlerContext ctx, FirstBytes first, @Nullable String name, Duration left);
    }

    TlsNameHandler(Duration timeout, LoopMetrics metrics, Choice choice) {
        super(timeout, metrics, LoopMetrics.Refusal.HELLO);
        this.timeout = timeout;
        this.choice = choice;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        since = ctx.executor().ticker().nanoTime();
        super.handlerAdded(ctx);
    }

    @Override
    void look(ChannelHandlerContext ctx, ByteBuf all, int added) {
        if (hello.feed(all, all.writerIndex() - added, all.writerIndex())) {
            Duration left = timeout.minusNanos(ctx.executor().ticker().nanoTime() - since);
            choice.made(ctx, this, hello.name(), left);
        } else if (hello.tooLong()) {
            refuse(ctx, "the first message of its TLS handshake has more than " + ClientHello.LONGEST + " bytes");
        }
    }
}
