package sluice.proxy.listen;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Acknowledges the end of the handshake at once. A client with Nagle's algorithm keeps its first request back until then; with
 * a delayed acknowledgement its first answer would come 40 ms late. As an option of the socket from the start it has no effect:
 * the kernel takes it back during the handshake.
 */
@Sharable
final class QuickAck extends ChannelInboundHandlerAdapter {
    static final QuickAck INSTANCE = new QuickAck();

    private QuickAck() {}

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                ctx.channel().config().setOption(EpollChannelOption.TCP_QUICKACK, true);
            }
            ctx.pipeline().remove(this);
        }
        ctx.fireUserEventTriggered(event);
    }
}
