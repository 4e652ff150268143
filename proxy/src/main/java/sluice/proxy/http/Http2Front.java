package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.upstream.ResponseHead;

/**
 * A client's HTTP/2 connection: its streams, its deadlines and its end. What it reads comes through {@link Http2Frames}, what it
 * writes goes through {@link Http2Output}. Confined to its event loop.
 */
final class Http2Front extends FrontConnection {
    private static final Logger log = LoggerFactory.getLogger(Http2Front.class);

    private static final int MOST_SPARE = 16;

    private final RequestPath path;
    private final Channel channel;
    private final Http2Frames frames;
    private final Http2Output output;
    private final Http2Goodbye goodbye;
    private final ClientAddressRule.PerConnection addresses;
    private final ResponseHead made;
    /** The scratch bytes as a buffer. */
    private final ByteBuf scratch;

    private final ArrayDeque<StreamFront> spare = new ArrayDeque<>();
    private @Nullable StreamFront first;
    private int streams;
    private boolean inactive;
    private boolean listed;
    private long deadline;

    private Http2Front(RequestPath path, Http2Handler handler, ChannelHandlerContext ctx) {
        this.path = path;
        this.channel = ctx.channel();
        this.frames = new Http2Frames(this, handler.connection());
        this.output = new Http2Output(this, handler, ctx);
        this.goodbye = new Http2Goodbye(this, handler, ctx);
        this.addresses = path.addresses().accepted(Peer.of(channel));
        this.made = new ResponseHead(path.limits().headBytes());
        this.scratch = Unpooled.wrappedBuffer(path.scratch());
        handler.decoder().frameListener(frames);
        handler.connection().addListener(frames);
    }

    /** Puts HTTP/2 at the end of the pipeline of a connection that stands. On its loop. */
    static void install(RequestPath path, Channel channel) {
        Http2Handler handler = Http2Handler.of(path.limits());
        channel.pipeline().addLast(handler);
        channel.pipeline()
                .addLast(new Http2Front(path, handler, channel.pipeline().context(handler)));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        assert path.loop().inEventLoop();
        listed = true;
        path.connections().add(this);
        path.metrics().connectionOpened(LoopMetrics.Protocol.HTTP2);
        deadline = path.connections().deadline(path.limits().headTimeout());
        if (path.connections().stopping()) {
            // It was in its TLS handshake when the stop began.
            ctx.close();
        }
    }

    /**
     * A stream has begun.
     *
     * @throws Http2Exception a stream error when its header list is malformed
     */
    void begin(Http2Stream stream, Http2Connection.PropertyKey key, Http2Headers headers, boolean complete)
            throws Http2Exception {
        int n = Http2RequestHead.write(stream.id(), headers, complete, path.scratch());
        StreamFront front = spare.pollLast();
        if (front == null) {
            front = new StreamFront(path, this);
        }
        front.next = first;
        if (first != null) {
            first.previous = front;
        }
        first = front;
        streams++;
        deadline = Long.MAX_VALUE;
        stream.setProperty(key, front);
        front.begin(stream, scratch.setIndex(0, n), complete);
    }

    /** A stream is closed, and its exchange is over. */
    void over(StreamFront front) {
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
        streams--;
        if (spare.size() < MOST_SPARE) {
            spare.addLast(front);
        }
        if (streams == 0) {
            deadline = path.connections().deadline(path.limits().clientIdle());
            unlistIfOver();
        }
        goodbye.streamOver();
    }

    /** How many streams there are, with those whose client has gone and whose write is still in flight. */
    int streams() {
        return streams;
    }

    /** Whether one more request of this connection may wait: at most half of its streams may, so that reads find a free one. */
    boolean mayWait() {
        int waiting = 0;
        for (StreamFront front = first; front != null; front = front.next) {
            waiting += front.waits() ? 1 : 0;
        }
        return waiting < path.limits().h2Streams() / 2;
    }

    /** There is room again for all streams. */
    void wake() {
        for (StreamFront front = first; front != null; ) {
            StreamFront next = front.next;
            front.wake();
            front = next;
        }
    }

    void pong(long data) {
        goodbye.pong(data);
    }

    Http2Output output() {
        return output;
    }

    byte[] clientAddress(RequestHead head) {
        return addresses.address(head);
    }

    /** For the heads of answers that the proxy makes itself: used within one call only. */
    ResponseHead made() {
        return made;
    }

    @Override
    void checkDeadline(long now) {
        frames.swept();
        for (StreamFront front = first; front != null; ) {
            StreamFront next = front.next;
            front.checkDeadline(now);
            front = next;
        }
        if (now - deadline >= 0 && deadline != Long.MAX_VALUE) {
            deadline = Long.MAX_VALUE;
            goodbye.begin();
        }
    }

    @Override
    void stop() {
        goodbye.begin();
        for (StreamFront front = first; front != null; ) {
            StreamFront next = front.next;
            front.stop();
            front = next;
        }
    }

    @Override
    void abort() {
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            // There is no half-closed HTTP/2 connection: nothing could be acknowledged any more.
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        path.metrics().connectionClosed(LoopMetrics.Protocol.HTTP2);
        inactive = true;
        deadline = Long.MAX_VALUE;
        for (StreamFront front = first; front != null; ) {
            StreamFront next = front.next;
            front.closed();
            front = next;
        }
        unlistIfOver();
    }

    /** Leaves the loop's list; with a write whose client has gone it stays there until the answer has ended. */
    private void unlistIfOver() {
        if (inactive && streams == 0 && listed) {
            listed = false;
            path.connections().remove(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            log.warn("closing the HTTP/2 connection from {}: it met a fault", channel.remoteAddress(), cause);
        }
        ctx.close();
    }
}
