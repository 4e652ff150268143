package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.upstream.ResponseHead;
import sluice.proxy.upstream.Trailers;

/**
 * A client's HTTP/1 connection as its answers see it: its place among the loop's connections, its deadline, the request that it has
 * now, and how an answer to that looks on the wire. Confined to its event loop.
 */
abstract class Http1Front extends FrontConnection implements Front {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    final RequestPath path;

    private final boolean tls;

    private @Nullable Channel channel;
    private ClientAddressRule.@Nullable PerConnection addresses;
    private @Nullable RequestHead head;
    private boolean listed;
    private long deadline;

    Http1Front(RequestPath path, boolean tls) {
        this.path = path;
        this.tls = tls;
    }

    @Override
    public final void handlerAdded(ChannelHandlerContext ctx) {
        assert path.loop().inEventLoop();
        channel = ctx.channel();
        // Over TLS too: else the end of an answer would be cut off that a client has not taken yet.
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        addresses = path.addresses().accepted(Peer.of(ctx.channel()));
        listed = true;
        path.connections().add(this);
        path.metrics().connectionOpened(LoopMetrics.Protocol.HTTP1);
        deadline(path.limits().headTimeout());
        if (path.connections().stopping()) {
            // It was in its TLS handshake when the stop began.
            ctx.close();
        }
    }

    /** Leaves the loop's list; a write whose client has gone stays in it until its answer has ended. */
    final void unlist() {
        if (listed) {
            listed = false;
            path.connections().remove(this);
        }
    }

    final Channel channel() {
        Channel ch = channel;
        if (ch == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return ch;
    }

    @Override
    public final void abort() {
        channel().close();
    }

    @Override
    public final void deadline(Duration timeout) {
        deadline = path.connections().deadline(timeout);
    }

    /** @param nanos as the loop's clock has it */
    final void deadlineAt(long nanos) {
        deadline = nanos;
    }

    @Override
    public final void noDeadline() {
        deadline = Long.MAX_VALUE;
    }

    @Override
    final void checkDeadline(long now) {
        if (now - deadline < 0 || deadline == Long.MAX_VALUE) {
            return;
        }
        deadline = Long.MAX_VALUE;
        expired();
    }

    /** The deadline has passed. There is none from now on. */
    abstract void expired();

    /** A request begins. */
    final RequestHead takeHead() {
        RequestHead h = path.takeHead();
        head = h;
        return h;
    }

    /** The request is over. */
    final void releaseHead() {
        RequestHead h = head;
        if (h != null) {
            head = null;
            path.giveHead(h);
        }
    }

    @Override
    public final @Nullable RequestHead head() {
        return head;
    }

    @Override
    public final boolean tls() {
        return tls;
    }

    @Override
    public final byte[] clientAddress(RequestHead h) {
        ClientAddressRule.PerConnection rule = addresses;
        if (rule == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return rule.address(h);
    }

    @Override
    public final boolean mayWait() {
        return true; // it has one request at a time
    }

    @Override
    public final void goOn() {
        write(path.alloc().directBuffer(CONTINUE.length).writeBytes(CONTINUE));
        flush();
    }

    @Override
    public final boolean framed() {
        return false;
    }

    @Override
    public final boolean chunks() {
        return minor() == 1;
    }

    @Override
    public final boolean delimits(ResponseHead.Framing framing) {
        return switch (framing) {
            case NONE, LENGTH -> true;
            case CHUNKED -> chunks();
            case UNTIL_CLOSE, TUNNEL -> false;
        };
    }

    @Override
    public final boolean interim(ResponseHead answer) {
        // RFC 9110 15.2: none to HTTP/1.0 clients.
        if (minor() == 0) {
            return false;
        }
        AnswerWriter.interim(path, this, answer);
        return true;
    }

    @Override
    public final void answer(ResponseHead answer, ByteBuf data, int room, boolean keep) {
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
    public final void answer(ByteBuf made) {
        write(made);
    }

    @Override
    public final void write(ByteBuf data) {
        Channel ch = channel();
        ch.write(data, ch.voidPromise());
    }

    @Override
    public final void trailers(Trailers trailers) {
        // An HTTP/1.0 client, or a body that was changed: there is no place for them.
    }

    @Override
    public final void flush() {
        channel().flush();
    }

    @Override
    public final boolean writable() {
        return channel().isWritable();
    }
}
