package sluice.demo.load;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;

/** Listens by server-sent events (WHATWG HTML, section 9.2). */
final class SseListener extends Listener {
    SseListener(EventLoop loop, Target target, Records records) {
        super(loop, target, records);
    }

    @Override
    void prepare(Channel channel, Target target) {
        channel.pipeline().addLast(new HttpClientCodec()).addLast(new Lines(target));
    }

    private final class Lines extends Frames<HttpObject> {
        private static final String DATA = "data: ";

        private final Target target;
        private final StringBuilder line = new StringBuilder();

        Lines(Target target) {
            this.target = target;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            HttpRequest request =
                    new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/api/v1/streaming/public");
            request.headers().set(HttpHeaderNames.HOST, target.host());
            request.headers().set(HttpHeaderNames.ACCEPT, HttpHeaderValues.TEXT_EVENT_STREAM);
            context.writeAndFlush(request);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part instanceof HttpResponse response) {
                int status = response.status().code();
                if (status == 200) {
                    succeeded(status);
                } else {
                    failed(context.channel(), status, "a stream was answered " + status);
                    return;
                }
            }
            if (part instanceof HttpContent content) {
                // One character is one byte here: an event that is cut inside a letter comes out whole in the end.
                read(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (part instanceof LastHttpContent) {
                endedInOrder(context.channel());
            }
        }

        private void read(String text) {
            for (int i = 0; i < text.length(); i++) {
                char next = text.charAt(i);
                if (next != '\n') {
                    line.append(next);
                    continue;
                }
                if (line.indexOf(DATA) == 0) {
                    event(line.substring(DATA.length()));
                }
                line.setLength(0);
            }
        }
    }
}
