package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** What a client sends over HTTP/2, frame by frame, after Netty has checked it against the state of its stream. */
final class Http2Frames extends Http2EventAdapter {
    /** SETTINGS, PING, PRIORITY and unknown frames between two sweeps, which are a second apart (RFC 9113 section 10.5). */
    private static final int MOST_CONTROL_FRAMES = 1_000;

    private final Http2Front front;
    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;
    private int controlFrames;

    Http2Frames(Http2Front front, Http2Connection connection) {
        this.front = front;
        this.connection = connection;
        this.key = connection.newKey();
    }

    /** A second has passed. */
    void swept() {
        controlFrames = 0;
    }

    private @Nullable StreamFront of(@Nullable Http2Stream stream) {
        if (stream == null) {
            return null;
        }
        StreamFront front = stream.getProperty(key);
        return front != null && front.isOf(stream) ? front : null;
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int id,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean last)
            throws Http2Exception {
        onHeadersRead(ctx, id, headers, padding, last);
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean last)
            throws Http2Exception {
        Http2Stream stream = connection.stream(id);
        StreamFront known = of(stream);
        if (known != null) {
            Http2RequestHead.checkTrailers(id, headers);
            known.requestTrailers(headers);
        } else if (stream != null) {
            front.begin(stream, key, headers, last);
        }
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
        StreamFront known = of(connection.stream(id));
        return known == null ? data.readableBytes() + padding : known.data(data, padding, last);
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
        StreamFront known = of(stream);
        if (known != null) {
            known.closed();
        }
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
        front.pong(data);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) throws Http2Exception {
        count();
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        count();
    }

    @Override
    public void onPriorityRead(ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive)
            throws Http2Exception {
        count();
    }

    @Override
    public void onUnknownFrame(ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload)
            throws Http2Exception {
        count();
    }

    private void count() throws Http2Exception {
        if (++controlFrames > MOST_CONTROL_FRAMES) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many frames that ask for nothing");
        }
    }
}
