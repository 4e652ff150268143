package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.upstream.BadMessage;

/**
 * Reads a client's HTTP/1 connection: heads and bodies, one request after another, and hands each to its {@link Exchange}. What a
 * client sends ahead is kept, up to a bound, and read when its turn comes. Confined to its event loop.
 */
final class FrontHandler extends Http1Front {
    private static final Logger log = LoggerFactory.getLogger(FrontHandler.class);

    /** So much may be sent ahead before the client is read no further. */
    private static final int MAX_AHEAD = 16 << 10;

    private enum Stage {
        /** Between requests, or in a head. */
        HEAD,
        BODY,
        /** The request is with the gate or the upstream. */
        BUSY,
        TUNNEL,
        /** The last answer is out; what still comes is thrown away, so that the client can read the answer before a reset. */
        LINGER,
        CLOSED
    }

    private final Exchange exchange;
    private final Http1Goodbye goodbye = new Http1Goodbye(this);

    private Stage stage = Stage.HEAD;
    private @Nullable ByteBuf pending;
    private boolean pumping;
    private boolean reading = true;
    private boolean requestUnread;

    FrontHandler(RequestPath path, boolean tls) {
        super(path, tls);
        this.exchange = new Exchange(path, this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = pending;
        pending = before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
        pump();
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            boolean more = true;
            while (more && pending != null) {
                more = step(pending);
                if (pending != null && !pending.isReadable()) {
                    pending.release();
                    pending = null;
                }
            }
        } catch (BadMessage e) {
            exchange.refuse(e);
        } finally {
            pumping = false;
        }
        if (goodbye.hasClientEnded() && stage == Stage.HEAD && !heldBack()) {
            finish();
            return;
        }
        updateReading();
    }

    /** Whether the client has sent its next request ahead and does not take the answers that it has got already. */
    private boolean heldBack() {
        return stage == Stage.HEAD && head() == null && pending != null && !writable();
    }

    /** Returns whether to go on with what is left. */
    private boolean step(ByteBuf in) throws BadMessage {
        switch (stage) {
            case HEAD -> {
                if (heldBack()) {
                    return false;
                }
                RequestHead h = head();
                if (h == null) {
                    h = takeHead();
                    deadline(path.limits().headTimeout());
                }
                if (h.feed(in)) {
                    stage = Stage.BUSY;
                    noDeadline();
                    exchange.begin(h, in.isReadable());
                }
            }
            case BODY -> {
                deadlineAt(exchange.bodyDeadline());
                exchange.body(in);
            }
            case BUSY -> {
                return false;
            }
            case TUNNEL -> {
                pending = null;
                exchange.fromClient(in);
            }
            case LINGER, CLOSED -> in.skipBytes(in.readableBytes());
        }
        return true;
    }

    @Override
    public void readBody() {
        stage = Stage.BODY;
        deadlineAt(exchange.bodyDeadline());
    }

    @Override
    public void bodyRead() {
        if (stage == Stage.BODY) {
            stage = Stage.BUSY;
            noDeadline();
        }
    }

    @Override
    public void tunnel() {
        stage = Stage.TUNNEL;
        pump();
    }

    @Override
    public void next() {
        releaseHead();
        if (stage == Stage.CLOSED) {
            unlist();
            return;
        }
        stage = Stage.HEAD;
        deadline(path.limits().clientIdle());
        pump();
    }

    @Override
    public void finish() {
        releaseHead();
        if (stage == Stage.CLOSED) {
            unlist();
            return;
        }
        stage = Stage.LINGER;
        boolean whole = !requestUnread;
        goodbye.begin(() -> whole && pending == null);
        pump();
    }

    @Override
    public void requestUnread() {
        requestUnread = true;
    }

    @Override
    void expired() {
        switch (stage) {
            case HEAD -> {
                if (head() == null) {
                    channel().close();
                } else {
                    exchange.refuse(new BadMessage(408, "the request's head took too long"));
                }
            }
            case BODY -> exchange.bodyTimeout();
            case LINGER -> channel().close();
            case BUSY, TUNNEL, CLOSED -> exchange.timeout();
        }
    }

    @Override
    void stop() {
        if (stage == Stage.HEAD && head() == null) {
            finish();
        } else {
            exchange.stop();
        }
    }

    @Override
    public void updateReading() {
        boolean want = switch (stage) {
            case BODY -> !exchange.bodyBlocked();
            case BUSY -> pending == null || pending.readableBytes() <= MAX_AHEAD;
            case TUNNEL -> exchange.tunnelWritable();
            case HEAD -> !heldBack();
            case LINGER, CLOSED -> true;
        };
        if (want != reading) {
            // In a field of its own since the channel's flag is volatile.
            reading = want;
            channel().config().setAutoRead(want);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            exchange.clientWritable();
            pump();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean fin = event instanceof ChannelInputShutdownEvent;
        if (fin && !tls()) {
            inputEnded();
        } else if (fin || event instanceof SslCloseCompletionEvent) {
            tlsEnded();
        }
        ctx.fireUserEventTriggered(event);
    }

    /**
     * The client's FIN has come, over plain TCP. It may only have half-closed: what it sent is answered, and what was answered
     * goes out to its end. Where it cannot be found out whether it waits it is gone: an HTTP/1.0 client knows no 1xx. Nobody
     * half-closes in a tunnel or a stream.
     */
    private void inputEnded() {
        goodbye.clientEnded();
        switch (stage) {
            case HEAD -> {
                if (!heldBack()) {
                    finish();
                }
            }
            case BODY -> {
                exchange.clientGone();
                finish();
            }
            case BUSY -> {
                RequestHead h = head();
                boolean told = exchange.answering() || (h != null && h.minor() == 1);
                if (told && exchange.outlivesHalfClose()) {
                    new HalfClose(this, channel()).run();
                } else {
                    channel().close();
                }
            }
            case LINGER -> {}
            case TUNNEL, CLOSED -> channel().close();
        }
    }

    /**
     * The client has ended its half over TLS, by close_notify or by a FIN. Behind close_notify nothing can be sent (RFC 5246, 7.2.1;
     * TLS 1.3 would let us go on, BoringSSL's engine does not), so nothing that would have to be answered is done any more; what was
     * answered goes out to its end.
     */
    private void tlsEnded() {
        goodbye.clientEnded();
        if (stage == Stage.HEAD || stage == Stage.LINGER) {
            finish();
        } else {
            channel().close();
        }
    }

    /** Whether an interim answer may be sent now. */
    boolean awaitsAnswer() {
        RequestHead h = head();
        return stage == Stage.BUSY && h != null && h.minor() == 1 && !exchange.answering();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        path.metrics().connectionClosed(LoopMetrics.Protocol.HTTP1);
        Stage was = stage;
        stage = Stage.CLOSED;
        noDeadline();
        if (pending != null && !pumping) {
            pending.release();
            pending = null;
        }
        boolean over = was == Stage.HEAD || was == Stage.LINGER || exchange.clientGone();
        if (over) {
            releaseHead();
            unlist();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            log.warn(
                    "closing the connection from {}: it met a fault",
                    ctx.channel().remoteAddress(),
                    cause);
        }
        ctx.close();
    }
}
