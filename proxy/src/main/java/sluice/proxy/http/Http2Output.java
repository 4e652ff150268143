package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultChannelPromise;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * What an HTTP/2 connection writes, and when it leaves: at the end of the event loop's turn, so that the frames of many streams
 * share TLS records and system calls, or at once when there is much. Counts what waits for the client, because of its windows or of
 * its socket. Confined to its event loop.
 */
final class Http2Output {
    /** From here on what is written leaves at once. */
    private static final int FLUSH_AT = 16 << 10;

    /** So much of all answers together may wait for the client; above, an answer waits for its own bytes to leave. */
    private static final int MOST_UNSENT = 1 << 20;

    private static final ChannelFutureListener SENT = future -> {
        Sent sent = (Sent) future;
        sent.output.sent(sent);
    };

    private final Http2Front front;
    private final Http2Handler handler;
    private final ChannelHandlerContext ctx;
    private final Runnable flush = this::flush;
    private int unsent;
    private int unflushed;
    private boolean flushing;

    /** @param ctx Netty's handler's */
    Http2Output(Http2Front front, Http2Handler handler, ChannelHandlerContext ctx) {
        this.front = front;
        this.handler = handler;
        this.ctx = ctx;
    }

    /** Writes a header list; {@link StreamFront#sent} follows. */
    void headers(StreamFront stream, int id, Http2Headers headers, boolean last) {
        ChannelFuture unused = handler.encoder().writeHeaders(ctx, id, headers, 0, last, new Sent(this, stream, id, 0));
    }

    /** Writes a part of a body, which is taken over; {@link StreamFront#sent} follows. */
    void data(StreamFront stream, int id, ByteBuf data, boolean last) {
        int n = data.readableBytes();
        unsent += n;
        unflushed += n;
        ChannelFuture unused = handler.encoder().writeData(ctx, id, data, 0, last, new Sent(this, stream, id, n));
        if (unflushed >= FLUSH_AT) {
            flush();
        }
    }

    void reset(Http2Stream stream, Http2Error error) {
        ChannelFuture unused = handler.resetStream(ctx, stream.id(), error.code(), ctx.newPromise());
        flushSoon();
    }

    /** The client may send more of a body. */
    void consumed(Http2Stream stream, int n) {
        try {
            if (handler.decoder().flowController().consumeBytes(stream, n)) {
                flushSoon();
            }
        } catch (Http2Exception e) {
            handler.onError(ctx, true, e);
        }
    }

    /** What was written leaves with the rest of this turn. */
    void flushSoon() {
        if (!flushing) {
            flushing = true;
            ctx.executor().execute(flush);
        }
    }

    private void flush() {
        flushing = false;
        unflushed = 0;
        handler.flush(ctx);
    }

    /** Whether so much waits that no answer may have more than what it wrote last. */
    boolean full() {
        return unsent >= MOST_UNSENT;
    }

    private void sent(Sent write) {
        boolean was = full();
        unsent -= write.bytes;
        write.stream.sent(write.id, write.bytes);
        if (was && !full()) {
            front.wake();
        }
    }

    /** A write's end: it is on the socket, or will never be. */
    private static final class Sent extends DefaultChannelPromise {
        private final Http2Output output;
        private final StreamFront stream;
        private final int id;
        private final int bytes;

        Sent(Http2Output output, StreamFront stream, int id, int bytes) {
            super(output.ctx.channel(), output.ctx.executor());
            this.output = output;
            this.stream = stream;
            this.id = id;
            this.bytes = bytes;
            addListener(SENT);
        }
    }
}
