package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import sluice.proxy.gate.Stream;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.upstream.ResponseHead;
import sluice.proxy.upstream.UpstreamConnection;

/**
 * A stream that is open: a WebSocket, another upgraded protocol, or server-sent events. When it has to end, it does so between two
 * frames or chunks, so that the client sees an end and not a fault, and connects again. Confined to its event loop.
 */
final class OpenStream implements Stream {
    /** RFC 6455 section 5.5.1: FIN and opcode 8, unmasked, two bytes: 1012, service restart (IANA). */
    private static final byte[] CLOSE_FRAME = {(byte) 0x88, 2, 0x03, (byte) 0xf4};

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** How long to wait for the end of a frame or of a chunk that has begun. */
    private static final Duration BOUNDARY_WAIT = Duration.ofSeconds(5);

    private final RequestPath path;
    private final Front front;
    private final Relay relay;
    private final UpstreamConnection upstream;
    private final boolean webSocket;
    private final boolean chunked;
    private final WebSocketFrames frames = new WebSocketFrames();
    private boolean closing;
    private boolean over;

    /**
     * A stream that has just begun.
     *
     * @param webSocket whether it is a tunnel that carries WebSocket frames
     * @param framing how the upstream's answer ends
     */
    OpenStream(
            RequestPath path,
            Front front,
            Relay relay,
            UpstreamConnection upstream,
            boolean webSocket,
            ResponseHead.Framing framing) {
        this.path = path;
        this.front = front;
        this.relay = relay;
        this.upstream = upstream;
        this.webSocket = webSocket;
        this.chunked = framing == ResponseHead.Framing.CHUNKED;
        if (webSocket) {
            path.metrics().connectionOpened(LoopMetrics.Protocol.WEBSOCKET);
        }
    }

    /** Bytes for the client; takes them over. */
    void fromUpstream(ByteBuf data) {
        if (webSocket) {
            int end = frames.advance(data, closing);
            if (closing && end >= 0) {
                data.writerIndex(end);
                front.write(data);
                end();
                return;
            }
        }
        front.write(data);
        if (closing && atBoundary()) {
            end();
        }
    }

    private boolean atBoundary() {
        if (webSocket) {
            return frames.atBoundary();
        }
        return chunked ? upstream.atChunkBoundary() : true;
    }

    @Override
    public void close() {
        assert path.loop().inEventLoop();
        if (over || closing) {
            return;
        }
        closing = true;
        if (atBoundary()) {
            end();
        } else {
            front.deadline(BOUNDARY_WAIT);
        }
    }

    /** Whether it only waits for the end of a frame or chunk. */
    boolean closing() {
        return closing;
    }

    private void end() {
        if (over) {
            return;
        }
        byte[] last = null;
        if (atBoundary()) {
            if (webSocket && !frames.closed()) {
                last = CLOSE_FRAME;
            } else if (chunked && front.chunks()) {
                last = LAST_CHUNK;
            }
        }
        if (last != null) {
            front.write(path.alloc().directBuffer(last.length).writeBytes(last));
        }
        front.requestUnread();
        relay.streamDone();
    }

    /** It has ended, whoever ended it. */
    void ended() {
        if (!over) {
            over = true;
            if (webSocket) {
                path.metrics().connectionClosed(LoopMetrics.Protocol.WEBSOCKET);
            }
        }
    }
}
