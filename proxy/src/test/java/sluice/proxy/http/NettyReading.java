package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What Netty's HTTP/1 decoder makes of a client's bytes: somebody else's reading, to compare the proxy's with. */
final class NettyReading {
    private static final int PLENTY = 1 << 20;

    /** The requests that are whole, in their order. */
    final List<PlainHttp.Request> requests = new ArrayList<>();
    /** Whether each of them is the last one that its client wants answered on this connection. */
    final List<Boolean> last = new ArrayList<>();
    /** Whether Netty refuses what stands behind them. */
    boolean refuses;
    /** Whether something stands behind them that is not whole. */
    boolean begun;

    NettyReading(byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder(new HttpDecoderConfig()
                .setMaxInitialLineLength(PLENTY)
                .setMaxHeaderSize(PLENTY)
                .setInitialBufferSize(1024)));
        try {
            channel.writeInbound(Unpooled.wrappedBuffer(bytes));
            HttpRequest head = null;
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (HttpObject object = channel.readInbound(); object != null; object = channel.readInbound()) {
                try {
                    if (!object.decoderResult().isSuccess()) {
                        refuses = true;
                        return;
                    }
                    if (object instanceof HttpRequest request) {
                        head = request;
                        begun = true;
                        body.reset();
                    }
                    if (object instanceof HttpContent content) {
                        ByteBuf data = content.content();
                        data.readBytes(body, data.readableBytes());
                    }
                    if (object instanceof LastHttpContent && head != null) {
                        requests.add(request(head, body.toByteArray()));
                        last.add(!io.netty.handler.codec.http.HttpUtil.isKeepAlive(head));
                        begun = false;
                    }
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                } finally {
                    ReferenceCountUtil.release(object);
                }
            }
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static PlainHttp.Request request(HttpRequest head, byte[] body) {
        List<PlainHttp.Field> fields = new ArrayList<>();
        for (Map.Entry<String, String> field : head.headers()) {
            fields.add(new PlainHttp.Field(field.getKey(), field.getValue()));
        }
        return new PlainHttp.Request(head.method().name(), head.uri(), fields, body);
    }
}
