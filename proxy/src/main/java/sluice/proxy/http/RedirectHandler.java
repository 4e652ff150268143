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
 * Port 80: sends every client to https, host and path kept, but for the challenges of certificate authorities. One for each connection, which is closed behind the answer; what is no
 * proper request gets 400 and the like.
 */
final class RedirectHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(RedirectHandler.class);

    /** How long a client that is still sending has for reading its answer: a reset would throw it away. */
    private static final long LINGER_MILLIS = 2000;

    private final ProxyConfig.Limits limits;
    private final Challenges challenges;
    private final RequestHead head;
    private final ClientAddressRule clients;
    private final @Nullable RequestLog requests;
    private ClientAddressRule.@Nullable PerConnection addresses;
    private @Nullable Future<?> deadline;
    private boolean answered;

    /**
     * For one connection.
     *
     * @param requests where its request is written down, or null
     */
    RedirectHandler(
            ProxyConfig.Limits limits,
            Challenges challenges,
            ClientAddressRule clients,
            @Nullable RequestLog requests) {
        this.limits = limits;
        this.challenges = challenges;
        this.head = new RequestHead(limits.headBytes());
        this.clients = clients;
        this.requests = requests;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        addresses = clients.accepted(Peer.of(ctx.channel()));
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
                decide(ctx, !head.hasBody() && !in.isReadable());
            }
        } catch (BadMessage e) {
            ByteBuf refusal =
                    Answers.PLAIN.make(ctx.alloc(), Answers.status(e.status(), head), e.reason(), 0, true, head);
            answer(ctx, refusal, false);
        } finally {
            in.release();
        }
    }

    private void decide(ChannelHandlerContext ctx, boolean whole) {
        if (!challenges.concerns(head)) {
            answer(ctx, redirect(ctx), whole);
            return;
        }
        answered = true;
        challenges.answer(ctx, head, found -> {
            if (found == null) {
                answer(ctx, Answers.PLAIN.make(ctx.alloc(), 404, "There is no such challenge.", 0, true, head), whole);
            } else if (ctx.channel().isActive()) {
                answer(ctx, found, whole);
            } else {
                found.release();
            }
        });
    }

    /** @param whole whether nothing more of the request can be on its way */
    private void answer(ChannelHandlerContext ctx, ByteBuf answer, boolean whole) {
        answered = true;
        report(answer);
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

    private void report(ByteBuf answer) {
        ClientAddressRule.PerConnection rule = addresses;
        if (requests != null && rule != null) {
            requests.begin(rule.address(head), head, false)
                    .answer(RecordedFront.status(answer), RecordedFront.bodyBytes(answer));
            requests.write();
        }
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
                + "\r\n"
                + Answers.PLAIN.date().text()
                + "Content-Length: 0\r\nConnection: close\r\n\r\n";
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
