package sluice.proxy.admin;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection that listens to {@link Events} until either side ends it (server-sent events as in the HTML standard, section
 * 9.2). Takes the place of the handler of calls. A listener that does not read is cut when {@link #BACKLOG} waits for it.
 */
final class EventStream extends ChannelInboundHandlerAdapter implements Events.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

    /** So many bytes may wait for a listener: minutes of an idle gate, and a transition is below a kilobyte. */
    static final int BACKLOG = 256 << 10;

    private final Events events;
    private final Channel channel;

    private EventStream(Events events, Channel channel) {
        this.events = events;
        this.channel = channel;
    }

    /**
     * Turns a connection into one that listens.
     *
     * @param version of the call: before HTTP/1.1 there are no chunks, and the end of the connection is the end
     * @return false when there are too many; nothing has been written then
     */
    static boolean begin(Events events, ChannelHandlerContext ctx, HttpVersion version) {
        Channel channel = ctx.channel();
        EventStream stream = new EventStream(events, channel);
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(BACKLOG / 2, BACKLOG));
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream")
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONNECTION, "close");
        HttpUtil.setTransferEncodingChunked(head, version.isKeepAliveDefault());
        if (!events.join(stream)) {
            return false;
        }
        ctx.pipeline().replace(ctx.handler(), "events", stream);
        channel.writeAndFlush(head);
        channel.eventLoop().execute(channel::read); // to notice when it says something
        return true;
    }

    @Override
    public void event(String text) {
        if (!channel.isWritable()) {
            LOG.info("A listener to events does not read and is cut: {}", channel);
            channel.close();
            return;
        }
        channel.writeAndFlush(new DefaultHttpContent(ByteBufUtil.writeUtf8(channel.alloc(), text)));
    }

    @Override
    public void end() {
        channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(ChannelFutureListener.CLOSE);
    }

    /** A listener has nothing to say: whatever comes after its call ends it. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        events.leave(this);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
