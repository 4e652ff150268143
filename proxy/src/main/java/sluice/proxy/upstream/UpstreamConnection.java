package sluice.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to an upstream: it carries one request at a time for a {@link Caller}, or rests in its {@link Pool}. It
 * goes back only when request and answer are both complete and nothing came behind the answer. Confined to its event loop.
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(UpstreamConnection.class);

    private final Pool pool;
    private final EventLoop loop;
    private final AnswerReading answer;

    private @Nullable Channel channel;
    private @Nullable Caller caller;
    private boolean ready;
    private boolean gone;
    private boolean reused;
    private boolean closing;
    private boolean resting;
    private long restsSince;

    private boolean sentAll;
    /** Whether no request may follow this one. */
    private boolean lastRequest;

    private boolean reading = true;

    UpstreamConnection(Pool pool, EventLoop loop, int headLimit) {
        this.pool = pool;
        this.loop = loop;
        this.answer = new AnswerReading(this, headLimit);
    }

    void begin(Caller newCaller) {
        assert caller == null;
        caller = newCaller;
        resting = false;
        sentAll = false;
        lastRequest = false;
        answer.begin();
    }

    /** Whether the connection stands, so that a request can be sent at once. */
    public boolean ready() {
        return ready;
    }

    /** Whether it carried a request before this one, so that the upstream may have closed it meanwhile. */
    public boolean reused() {
        return reused;
    }

    boolean usable() {
        Channel ch = channel;
        return !gone && !closing && ch != null && ch.isActive();
    }

    long restsSince() {
        return restsSince;
    }

    void restFrom(long nanos) {
        restsSince = nanos;
        resting = true;
        reused = true;
    }

    void connected() {
        if (gone) {
            return;
        }
        ready = true;
        Caller c = caller;
        if (c == null) {
            // The client hung up meanwhile; the next request will have a use for it.
            pool.rest(this);
        } else {
            c.connected();
        }
    }

    void connectFailed(Throwable cause) {
        gone = true;
        Caller c = caller;
        caller = null;
        if (c != null) {
            c.connectFailed(cause);
        }
    }

    /**
     * Starts a request. From here on it counts as sent.
     *
     * @param first the head, perhaps with the body
     * @param second the body, if it is in a buffer of its own
     * @param complete whether that is all
     * @param headMethod whether it is a HEAD, whose answer has no body
     * @param upgrade whether it asks for an upgrade, so that 101 may be the answer
     * @param keepChunks whether a chunked answer is to be handed on in its chunks
     */
    public void send(
            ByteBuf first,
            @Nullable ByteBuf second,
            boolean complete,
            boolean headMethod,
            boolean upgrade,
            boolean keepChunks) {
        answer.expect(headMethod, upgrade, keepChunks);
        if (second == null) {
            write(first, complete);
            return;
        }
        Channel ch = channel;
        if (ch == null || gone) {
            first.release();
        } else {
            ch.write(first, ch.voidPromise());
        }
        write(second, complete);
    }

    /** The request that is being sent is the last one: the connection is closed behind its answer, whatever the upstream says. */
    public void lastRequest() {
        lastRequest = true;
    }

    /** Goes on with the request. */
    public void write(ByteBuf more, boolean complete) {
        assert loop.inEventLoop();
        Channel ch = channel;
        if (ch == null || gone) {
            more.release();
            return;
        }
        sentAll |= complete;
        ch.writeAndFlush(more, ch.voidPromise());
    }

    /** Whether more can be written without piling up. */
    public boolean writable() {
        Channel ch = channel;
        return ch != null && ch.isWritable();
    }

    /** Back-pressure: whether to read the answer. */
    public void reading(boolean on) {
        Channel ch = channel;
        // The flag is in a field of its own since the channel's is volatile.
        if (on != reading && ch != null) {
            reading = on;
            ch.config().setAutoRead(on);
        }
    }

    /** The caller is no longer interested. A connection that is still being made goes to the pool, any other is closed. */
    public void abandon() {
        caller = null;
        if (ready) {
            close();
        }
    }

    void close() {
        // With TLS the close takes a while: nobody may take the connection out of the pool meanwhile.
        closing = true;
        Channel ch = channel;
        if (ch != null) {
            ch.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (caller == null) {
            // Nobody asked: whatever it is, the next answer on this connection could not be trusted.
            in.release();
            close();
            return;
        }
        try {
            answer.read(caller, in);
        } catch (BadMessage e) {
            in.release();
            fail(e.reason());
        }
    }

    /** Whether a chunked answer has come to a boundary between two chunks. */
    public boolean atChunkBoundary() {
        return answer.atChunkBoundary();
    }

    /** Whether an answer still belongs to a caller, who may have lost interest. */
    boolean carriesFor(Caller to) {
        return caller == to;
    }

    /** The answer is complete: back to the pool if that is safe. Before the caller hears of it, who may have a next request. */
    void release(boolean persistent) {
        caller = null;
        reading(true);
        if (persistent && sentAll && !lastRequest && flushed()) {
            pool.rest(this);
        } else {
            close();
        }
    }

    private boolean flushed() {
        Channel ch = channel;
        if (ch == null) {
            return false;
        }
        ChannelOutboundBuffer buffer = ch.unsafe().outboundBuffer();
        return buffer != null && buffer.isEmpty();
    }

    private void fail(String why) {
        Caller c = caller;
        caller = null;
        close();
        if (c != null) {
            log.debug("upstream {}: {}", pool, why);
            c.broken(answer.nothingRead(), why);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (caller != null) {
            caller.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (caller != null && ctx.channel().isWritable()) {
            caller.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!ready || gone) {
            // Connecting failed: its listener says so.
            return;
        }
        gone = true;
        pool.gone(this, resting);
        Caller c = caller;
        if (c == null) {
            return;
        }
        if (answer.endsWithConnection()) {
            caller = null;
            c.part(Unpooled.EMPTY_BUFFER, true);
        } else {
            fail("the connection closed before the answer's end");
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent && caller == null) {
            close();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (ready && caller != null) {
            fail(String.valueOf(cause.getMessage()));
        }
        ctx.close();
    }
}
