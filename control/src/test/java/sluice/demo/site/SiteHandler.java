package sluice.demo.site;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.INTERNAL_SERVER_ERROR;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The site's paths. On the event loop; what touches a database goes to a worker. */
final class SiteHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(SiteHandler.class);

    static final String STATUSES = "/api/v1/statuses";
    static final String TIMELINE = "/api/v1/timelines/public";
    static final String STREAMING = "/api/v1/streaming";

    private static final String JSON = "application/json; charset=utf-8";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Statuses statuses;
    private final Streams streams;
    private final Executor workers;

    SiteHandler(Statuses statuses, Streams streams, Executor workers) {
        this.statuses = statuses;
        this.streams = streams;
        this.workers = workers;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        int query = request.uri().indexOf('?');
        String path = query < 0 ? request.uri() : request.uri().substring(0, query);
        String call = request.method() + " " + path;
        Channel channel = context.channel();
        switch (call) {
            case "GET /health" -> answer(channel, OK, TEXT, "OK");
            case "GET " + TIMELINE -> work(channel, statuses::timeline);
            case "POST " + STATUSES -> {
                byte[] body = ByteBufUtil.getBytes(request.content());
                work(channel, () -> statuses.post(body));
            }
            default -> {
                if (request.method().equals(HttpMethod.GET) && path.startsWith(STREAMING)) {
                    stream(context, request);
                } else {
                    answer(channel, NOT_FOUND, TEXT, "no such path");
                }
            }
        }
    }

    private interface Work {
        String run() throws Exception;
    }

    private void work(Channel channel, Work work) {
        workers.execute(() -> {
            try {
                answer(channel, OK, JSON, work.run());
            } catch (Statuses.BadRequest e) {
                answer(channel, BAD_REQUEST, TEXT, e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer(channel, INTERNAL_SERVER_ERROR, TEXT, "the site is being stopped");
            } catch (Exception e) {
                LOG.info("500: {}", e.toString());
                answer(channel, INTERNAL_SERVER_ERROR, TEXT, e.toString());
            }
        });
    }

    private static void answer(Channel channel, HttpResponseStatus status, String type, String body) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        HttpUtil.setContentLength(response, response.content().readableBytes());
        channel.writeAndFlush(response, channel.voidPromise());
    }

    private void stream(ChannelHandlerContext context, FullHttpRequest request) {
        Channel channel = context.channel();
        if (!request.headers().contains(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)) {
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, OK);
            head.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_EVENT_STREAM);
            head.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
            HttpUtil.setTransferEncodingChunked(head, true);
            channel.writeAndFlush(head, channel.voidPromise());
            streams.addSse(channel);
            return;
        }
        String location = "ws://" + request.headers().get(HttpHeaderNames.HOST) + STREAMING;
        WebSocketServerHandshaker handshaker =
                new WebSocketServerHandshakerFactory(location, null, false).newHandshaker(request);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(channel);
            return;
        }
        context.pipeline().addLast(new SocketHandler());
        handshaker.handshake(channel, request).addListener(done -> {
            if (done.isSuccess()) {
                streams.addSocket(channel);
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A client that hangs up is no news; the connection cannot be used any more.
        context.close();
    }

    /** What a client says on a WebSocket: it may close, and ask whether we live. */
    private static final class SocketHandler extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof CloseWebSocketFrame) {
                context.writeAndFlush(frame.retain()).addListener(sent -> context.close());
            } else if (frame instanceof PingWebSocketFrame) {
                context.writeAndFlush(new PongWebSocketFrame(frame.content().retain()), context.voidPromise());
            }
        }
    }
}
