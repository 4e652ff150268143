package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.upstream.BadMessage;

/**
 * Port 80: sends every client to https, host and path kept. One for each connection, which is closed behind the answer; what is no
 * proper request gets 400 and the like.
 */
public final class RedirectHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(RedirectHandler.class);

    /** How long a client that is still sending has for reading its answer: a reset would throw it away. */
    private static final long LINGER_MILLIS = 2000;

    private final ProxyConfig.Limits limits;
    private final RequestHead head;
    private @Nullable Future<?> deadline;
    private boolean answered;

    public RedirectHandler(ProxyConfig.Limits limits) {
        this.limits = limits;
        this.head = new RequestHead(limits.headBytes());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        closeIn(ctx, limits.headTimeout().toMillis());
    }

    private void closeIn(ChannelHandlerContext ctx, long millis) {
        Future<?> before = deadline;
        if (before != null) {
            before.cancel(false);
        }
        deadline = ctx.executor()
                .schedule(
                        () -> {
                            ctx.close();
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!answered && head.feed(in)) {
                answer(ctx, redirect(ctx), !head.hasBody() && !in.isReadable());
            }
        } catch (BadMessage e) {
            ByteBuf refusal =
                    Answers.PLAIN.make(ctx.alloc(), Answers.status(e.status(), head), e.reason(), 0, true, head);
            answer(ctx, refusal, false);
        } finally {
            in.release();
        }
    }

    /** @param whole whether nothing more of the request can be on its way */
    private void answer(ChannelHandlerContext ctx, ByteBuf answer, boolean whole) {
        answered = true;
        ctx.writeAndFlush(answer).addListener((ChannelFutureListener) written -> {
            if (whole || !written.isSuccess() || !(ctx.channel() instanceof DuplexChannel duplex)) {
                ctx.close();
            } else {
                // The client's own end closes it; what comes until then is thrown away.
                duplex.shutdownOutput();
                closeIn(ctx, LINGER_MILLIS);
            }
        });
    }

    private ByteBuf redirect(ChannelHandlerContext ctx) {
        int end = head.hostEnd();
        // The port, if there is one, is that of plain http. An IPv6 literal ends in a bracket.
        for (int i = end - 1; i > head.hostStart() && Character.isDigit(head.bytes()[i]); i--) {
            if (head.bytes()[i - 1] == ':') {
                end = i - 1;
            }
        }
        String target = "*".equals(head.path()) ? "/" : head.text(head.pathStart(), head.targetEnd());
        String answer = "HTTP/1.1 301 Moved Permanently\r\nLocation: https://"
                + head.text(head.hostStart(), end)
                + target
                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return ctx.alloc().directBuffer(answer.length()).writeBytes(answer.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Future<?> d = deadline;
        if (d != null) {
            d.cancel(false);
        }
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
