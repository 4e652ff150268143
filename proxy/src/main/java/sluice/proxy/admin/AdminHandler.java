package sluice.proxy.admin;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.gate.Caller;
import sluice.proxy.gate.HoldCommand;

/** HTTP for the {@link AdminApi}: one connection, one call after another. On the admin endpoint's own event loop. */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);
    /** Longer than any call waits: what has not answered by then never will. */
    private static final long GIVE_UP_SECONDS = HoldCommand.MAX_WAIT.toSeconds() + 30;

    private final AdminApi api;
    private final Events events;
    private final @Nullable Access access;
    private final Function<ChannelHandlerContext, Caller> caller;
    private boolean busy;

    /** @param access null where the socket's file mode is the guard */
    AdminHandler(AdminApi api, Events events, @Nullable Access access, Function<ChannelHandlerContext, Caller> caller) {
        this.api = api;
        this.events = events;
        this.access = access;
        this.caller = caller;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest message) {
        boolean keepAlive =
                HttpUtil.isKeepAlive(message) && message.decoderResult().isSuccess();
        CompletableFuture<AdminResponse> answer = answer(ctx, message);
        if (answer == null) {
            return; // it listens to events now, and this handler is out of the pipeline
        }
        busy = true;
        ScheduledFuture<?> givesUp = ctx.executor()
                .schedule(
                        () -> answer.complete(AdminResponse.problem(
                                504, "no answer", "it is not known whether this was done, look at the state")),
                        GIVE_UP_SECONDS,
                        TimeUnit.SECONDS);
        // On the loop again: the gate answers on its own thread.
        answer.whenCompleteAsync(
                (response, failure) -> {
                    givesUp.cancel(false);
                    if (failure != null) {
                        LOG.error("A call failed", failure);
                        ctx.close();
                    } else {
                        write(ctx, response, keepAlive);
                    }
                },
                ctx.executor());
    }

    private @Nullable CompletableFuture<AdminResponse> answer(ChannelHandlerContext ctx, FullHttpRequest message) {
        Caller from = caller.apply(ctx);
        try {
            AdminRequest request = read(message, from);
            if (request.path().equals(Events.PATH)) {
                request.allowGet();
                if (EventStream.begin(events, ctx, message.protocolVersion())) {
                    return null;
                }
                throw new Problem(503, "too many listen", Events.MOST + " listen to events already; end one of them");
            }
            return api.call(request).toCompletableFuture().copy();
        } catch (Problem e) {
            return CompletableFuture.completedFuture(
                    api.audited(message.method().name(), message.uri(), from, e.response()));
        } catch (RuntimeException e) {
            LOG.error("A call could not be read", e);
            return CompletableFuture.completedFuture(AdminResponse.problem(500, "it failed", "nothing was done"));
        }
    }

    private AdminRequest read(FullHttpRequest message, Caller from) {
        if (!message.decoderResult().isSuccess()) {
            throw new Problem(
                    400, "not HTTP", String.valueOf(message.decoderResult().cause()));
        }
        HttpHeaders headers = message.headers();
        QueryStringDecoder target = target(message.uri());
        String method = message.method().name();
        Caller known = from;
        if (access != null) {
            String who = access.check(
                    method,
                    target.path(),
                    headers.getAll(HttpHeaderNames.HOST).size() == 1 ? headers.get(HttpHeaderNames.HOST) : null,
                    headers.get(HttpHeaderNames.AUTHORIZATION));
            known = new Caller(who, from.from());
        }
        String body = new String(ByteBufUtil.getBytes(message.content()), StandardCharsets.UTF_8);
        Parameters parameters = new Parameters(target.parameters(), body);
        return new AdminRequest(method, target.path(), parameters, headers.get(HttpHeaderNames.IF_MATCH), known);
    }

    private static QueryStringDecoder target(String uri) {
        try {
            QueryStringDecoder target = new QueryStringDecoder(uri);
            target.parameters(); // decodes, and fails, here
            return target;
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "not a target", "the query cannot be decoded: " + e.getMessage());
        }
    }

    private void write(ChannelHandlerContext ctx, AdminResponse response, boolean keepAlive) {
        busy = false;
        FullHttpResponse message = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.status()),
                ByteBufUtil.writeUtf8(ctx.alloc(), response.body()));
        message.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, response.type())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        response.headers().forEach((name, value) -> message.headers().set(name, value));
        HttpUtil.setContentLength(message, message.content().readableBytes());
        HttpUtil.setKeepAlive(message, keepAlive);
        if (keepAlive) {
            ctx.writeAndFlush(message);
            ctx.read(); // the next one
        } else {
            ctx.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof IdleStateEvent && !busy) {
            ctx.close();
            return;
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("An admin connection broke", cause);
        ctx.close();
    }
}
