package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.ResponseHead;

/**
 * One client connection: reads heads and bodies, one request after another, and hands each to its {@link Exchange}. What a client
 * sends ahead is kept, up to a bound, and read when its turn comes. Confined to its event loop.
 */
final class FrontHandler extends FrontConnection implements Front {
    private static final Logger log = LoggerFactory.getLogger(FrontHandler.class);

    /** So much may be sent ahead before the client is read no further. */
    private static final int MAX_AHEAD = 16 << 10;

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final Duration LINGER = Duration.ofSeconds(2);

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

    private final RequestPath path;
    private final boolean tls;
    private final Exchange exchange;

    private @Nullable Channel channel;
    private ClientAddressRule.@Nullable PerConnection addresses;
    private Stage stage = Stage.HEAD;
    private @Nullable RequestHead head;
    private @Nullable ByteBuf pending;
    private boolean pumping;
    private boolean reading = true;
    private boolean listed;
    private boolean requestUnread;
    /** Whether the client has half-closed: what came is answered, and then the connection ends. */
    private boolean halfClosed;

    private long deadline;

    FrontHandler(RequestPath path, boolean tls) {
        this.path = path;
        this.tls = tls;
        this.exchange = new Exchange(path, this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        assert path.loop().inEventLoop();
        channel = ctx.channel();
        if (!tls) {
            ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        addresses = path.addresses().accepted(Peer.of(ctx.channel()));
        listed = true;
        path.connections().add(this);
        path.metrics().connectionOpened(LoopMetrics.Protocol.HTTP1);
        deadline = path.connections().deadline(path.limits().headTimeout());
        if (path.connections().stopping()) {
            // It was in its TLS handshake when the stop began.
            ctx.close();
        }
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
        if (halfClosed && stage == Stage.HEAD && !heldBack()) {
            finish();
            return;
        }
        updateReading();
    }

    /** Whether the client has sent its next request ahead and does not take the answers that it has got already. */
    private boolean heldBack() {
        return stage == Stage.HEAD && head == null && pending != null && !writable();
    }

    /** Returns whether to go on with what is left. */
    private boolean step(ByteBuf in) throws BadMessage {
        switch (stage) {
            case HEAD -> {
                if (heldBack()) {
                    return false;
                }
                RequestHead h = head;
                if (h == null) {
                    h = path.takeHead();
                    head = h;
                    deadline = path.connections().deadline(path.limits().headTimeout());
                }
                if (h.feed(in)) {
                    stage = Stage.BUSY;
                    deadline = Long.MAX_VALUE;
                    exchange.begin(h, in.isReadable());
                }
            }
            case BODY -> {
                deadline = exchange.bodyDeadline();
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
        deadline = exchange.bodyDeadline();
    }

    @Override
    public void bodyRead() {
        if (stage == Stage.BODY) {
            stage = Stage.BUSY;
            deadline = Long.MAX_VALUE;
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
        deadline = path.connections().deadline(path.limits().clientIdle());
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
        // A client that is slow to take the end of its answer has as long as one that is slow to take any other part.
        deadline = path.connections().deadline(path.limits().clientIdle());
        Channel ch = channel();
        ch.write(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) f -> {
            // A reset could overtake the answer if the client is still sending; with TLS there is no half-close to tell
            // it by.
            deadline = path.connections().deadline(LINGER);
            if (!f.isSuccess() || halfClosed || (whole && pending == null)) {
                ch.close();
            } else if (ch instanceof DuplexChannel duplex && ch.pipeline().get(SslHandler.class) == null) {
                duplex.shutdownOutput();
            }
        });
        ch.flush();
        pump();
    }

    @Override
    public void requestUnread() {
        requestUnread = true;
    }

    @Override
    public void abort() {
        channel().close();
    }

    @Override
    public void deadline(Duration timeout) {
        deadline = path.connections().deadline(timeout);
    }

    @Override
    public void noDeadline() {
        deadline = Long.MAX_VALUE;
    }

    @Override
    void checkDeadline(long now) {
        if (now - deadline < 0 || deadline == Long.MAX_VALUE) {
            return;
        }
        deadline = Long.MAX_VALUE;
        switch (stage) {
            case HEAD -> {
                if (head == null) {
                    channel().close();
                } else {
                    exchange.refuse(new BadMessage(408, "the request's head took too long"));
                }
            }
            case BODY -> exchange.refuse(new BadMessage(408, "the request's body took too long"));
            case LINGER -> channel().close();
            case BUSY, TUNNEL, CLOSED -> exchange.timeout();
        }
    }

    @Override
    void stop() {
        if (stage == Stage.HEAD && head == null) {
            channel().close();
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

    Channel channel() {
        Channel ch = channel;
        if (ch == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return ch;
    }

    @Override
    public @Nullable RequestHead head() {
        return head;
    }

    @Override
    public boolean tls() {
        return tls;
    }

    @Override
    public byte[] clientAddress(RequestHead h) {
        ClientAddressRule.PerConnection rule = addresses;
        if (rule == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return rule.address(h);
    }

    @Override
    public boolean mayWait() {
        return true; // it has one request at a time
    }

    @Override
    public void goOn() {
        write(path.alloc().directBuffer(CONTINUE.length).writeBytes(CONTINUE));
        flush();
    }

    @Override
    public boolean framed() {
        return false;
    }

    @Override
    public boolean chunks() {
        return minor() == 1;
    }

    @Override
    public boolean delimits(ResponseHead.Framing framing) {
        return switch (framing) {
            case NONE, LENGTH -> true;
            case CHUNKED -> chunks();
            case UNTIL_CLOSE, TUNNEL -> false;
        };
    }

    @Override
    public boolean interim(ResponseHead answer) {
        // RFC 9110 15.2: none to HTTP/1.0 clients.
        if (minor() == 0) {
            return false;
        }
        AnswerWriter.interim(path, this, answer);
        return true;
    }

    @Override
    public void answer(ResponseHead answer, ByteBuf data, int room, boolean keep) {
        RequestHead h = head;
        boolean chunked = chunks() && answer.framing(h != null && h.headMethod()) == ResponseHead.Framing.CHUNKED;
        AnswerWriter.write(path, this, answer, data, room, chunked, persistence(answer, keep));
    }

    private AnswerHead.Persistence persistence(ResponseHead answer, boolean keep) {
        if (answer.status() == 101) {
            return AnswerHead.Persistence.UPGRADE;
        }
        if (!keep) {
            return AnswerHead.Persistence.CLOSE;
        }
        return minor() == 1 ? AnswerHead.Persistence.KEEP : AnswerHead.Persistence.KEEP_OLD;
    }

    private int minor() {
        RequestHead h = head;
        return h == null ? 1 : h.minor();
    }

    @Override
    public void answer(ByteBuf made) {
        write(made);
    }

    @Override
    public void write(ByteBuf data) {
        Channel ch = channel();
        ch.write(data, ch.voidPromise());
    }

    @Override
    public void flush() {
        channel().flush();
    }

    @Override
    public boolean writable() {
        return channel().isWritable();
    }

    private void releaseHead() {
        RequestHead h = head;
        if (h != null) {
            head = null;
            path.giveHead(h);
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
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        } else if (event instanceof SslCloseCompletionEvent) {
            // With close_notify a connection is over in both directions (RFC 5246, 7.2.1); TLS 1.3 would let us go on.
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    /**
     * The client's FIN has come, over plain TCP. It may only have half-closed; where that cannot be found out it is gone: an
     * HTTP/1.0 client knows no 1xx. Nobody half-closes in a tunnel or a stream.
     */
    private void inputEnded() {
        RequestHead h = head;
        if (stage != Stage.BUSY || h == null || h.minor() == 0 || !exchange.outlivesHalfClose()) {
            channel().close();
            return;
        }
        halfClosed = true;
        new HalfClose(this, channel()).begin();
    }

    /** Whether an interim answer may be sent now. */
    boolean awaitsAnswer() {
        RequestHead h = head;
        return stage == Stage.BUSY && h != null && h.minor() == 1 && !exchange.answering();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        path.metrics().connectionClosed(LoopMetrics.Protocol.HTTP1);
        Stage was = stage;
        stage = Stage.CLOSED;
        deadline = Long.MAX_VALUE;
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

    /** Leaves the loop's list; a write whose client has gone stays in it until its answer has ended. */
    private void unlist() {
        if (listed) {
            listed = false;
            path.connections().remove(this);
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
