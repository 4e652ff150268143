package sluice.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.AsciiString;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.config.ProxyConfig;

/** Netty's HTTP/2 with our bounds: frames, HPACK, flow control, and what it refuses by itself. One for each connection. */
final class Http2Handler extends Http2ConnectionHandler {
    private static final Logger log = LoggerFactory.getLogger(Http2Handler.class);

    /** So much of a body may be on its way. Bodies are collected before the gate is asked, within budgets of their own. */
    private static final int STREAM_WINDOW = 512 << 10;

    private static final int CONNECTION_WINDOW = 1 << 20;

    /** Smaller frames than this are not made only because many streams want to write. */
    private static final int LEAST_FRAME = 4 << 10;

    /** RFC 9113 section 10.5: more resets in {@link #RESET_SECONDS} than any browser sends. Also of streams that we had to reset. */
    private static final int MOST_RESETS = 200;

    private static final int RESET_SECONDS = 30;
    /** Answers to SETTINGS and PING that a client has not taken. */
    private static final int MOST_CONTROL_FRAMES = 1_000;

    private static final int MOST_EMPTY_FRAMES = 10;
    private static final int MOST_SMALL_CONTINUATIONS = 16;

    /** Every one is another: not to fill the table of recent headers with. */
    private static final AsciiString SET_COOKIE = AsciiString.cached("set-cookie");

    /** Not 431: the method is not known here, and a POST must not get that (invariant 8; see {@link Answers#status}). */
    private static final Http2Headers LIST_TOO_LARGE =
            ReadOnlyHttp2Headers.serverHeaders(false, AsciiString.cached("400"));

    private Http2Handler(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
        // A close is a close: what is said before it is said by Http2Front.
        super(decoder, encoder, settings, true, false);
    }

    /** The handler of a new connection; what it reads goes nowhere until it is given a listener. */
    static Http2Handler of(ProxyConfig.Limits limits) {
        Http2Connection connection = new DefaultHttp2Connection(true);
        // Every stream alike: RFC 9113 5.3 gave priorities up, and a tree of them is one more thing to attack.
        UniformStreamByteDistributor turns = new UniformStreamByteDistributor(connection);
        turns.minAllocationChunk(LEAST_FRAME);
        connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, turns));
        return new Builder(connection, limits).build();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        int more = CONNECTION_WINDOW
                - decoder().flowController().windowSize(connection().connectionStream());
        decoder().flowController().incrementWindowSize(connection().connectionStream(), more);
        ctx.flush();
    }

    @Override
    protected void handleServerHeaderDecodeSizeError(ChannelHandlerContext ctx, Http2Stream stream) {
        encoder().writeHeaders(ctx, stream.id(), LIST_TOO_LARGE, 0, true, ctx.newPromise());
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, @Nullable Http2Exception known) {
        if (known == null && !(cause instanceof IOException)) {
            log.warn(
                    "closing the HTTP/2 connection from {}: it met a fault",
                    ctx.channel().remoteAddress(),
                    cause);
        } else {
            log.debug("closing the HTTP/2 connection from {}", ctx.channel().remoteAddress(), cause);
        }
        super.onConnectionError(ctx, outbound, cause, known);
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Http2Handler, Builder> {
        Builder(Http2Connection connection, ProxyConfig.Limits limits) {
            connection(connection);
            frameListener(new Http2FrameAdapter());
            initialSettings(new Http2Settings()
                    .maxConcurrentStreams(limits.h2Streams())
                    .initialWindowSize(STREAM_WINDOW)
                    .maxHeaderListSize(limits.headBytes()));
            validateHeaders(true);
            headerSensitivityDetector((name, value) -> SET_COOKIE.contentEquals(name));
            decoderEnforceMaxRstFramesPerWindow(MOST_RESETS, RESET_SECONDS);
            encoderEnforceMaxRstFramesPerWindow(MOST_RESETS, RESET_SECONDS);
            decoderEnforceMaxConsecutiveEmptyDataFrames(MOST_EMPTY_FRAMES);
            decoderEnforceMaxSmallContinuationFrames(MOST_SMALL_CONTINUATIONS);
            encoderEnforceMaxQueuedControlFrames(MOST_CONTROL_FRAMES);
        }

        @Override
        protected Http2Handler build() {
            return super.build();
        }

        @Override
        protected Http2Handler build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            return new Http2Handler(decoder, encoder, settings);
        }
    }
}
