package sluice.demo.load;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;

/** Listens by WebSocket (RFC 6455). */
final class SocketListener extends Listener {
    private static final int MAX_HANDSHAKE_ANSWER = 64 * 1024;
    private static final int MAX_FRAME = 64 * 1024;

    SocketListener(EventLoop loop, Target target, Records records) {
        super(loop, target, records);
    }

    @Override
    void prepare(Channel channel, Target target) {
        URI uri = URI.create("ws://" + target.host() + "/api/v1/streaming?stream=public");
        WebSocketClientHandshaker handshaker = WebSocketClientHandshakerFactory.newHandshaker(
                uri, WebSocketVersion.V13, null, false, new DefaultHttpHeaders(), MAX_FRAME);
        channel.pipeline()
                .addLast(new HttpClientCodec())
                .addLast(new HttpObjectAggregator(MAX_HANDSHAKE_ANSWER))
                .addLast(new Messages(handshaker));
    }

    private final class Messages extends Frames<Object> {
        private final WebSocketClientHandshaker handshaker;

        Messages(WebSocketClientHandshaker handshaker) {
            this.handshaker = handshaker;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            handshaker.handshake(context.channel());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, Object message) {
            if (message instanceof FullHttpResponse response) {
                int status = response.status().code();
                try {
                    handshaker.finishHandshake(context.channel(), response);
                    succeeded(status);
                } catch (WebSocketHandshakeException e) {
                    failed(context.channel(), status, "a WebSocket was answered " + status + ": " + e.getMessage());
                }
            } else if (message instanceof TextWebSocketFrame frame) {
                event(frame.text());
            } else if (message instanceof CloseWebSocketFrame close) {
                context.writeAndFlush(close.retainedDuplicate()).addListener(sent -> endedInOrder(context.channel()));
            }
        }
    }
}
