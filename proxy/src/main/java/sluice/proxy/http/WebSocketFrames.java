package sluice.proxy.http;

import io.netty.buffer.ByteBuf;

/** Follows the frames of one direction of a WebSocket (RFC 6455 section 5.2), to know where one ends. Reads no payload. */
final class WebSocketFrames {
    private static final int CLOSE = 8;

    /** Bytes of the current frame's header that were seen; 0 between two frames. */
    private int seen;
    /** Bytes that the header has, as far as is known. */
    private int header = 2;

    private long payload;
    private boolean inPayload;
    private int lengthBytes;
    private boolean closed;

    boolean atBoundary() {
        return seen == 0 && !inPayload;
    }

    /** Whether a close frame has gone by. */
    boolean closed() {
        return closed;
    }

    /**
     * Follows all readable bytes.
     *
     * @param stop whether to stop at the first end of a frame
     * @return the index of that end, or -1
     */
    int advance(ByteBuf data, boolean stop) {
        int i = data.readerIndex();
        int to = data.writerIndex();
        while (i < to) {
            if (inPayload) {
                int n = (int) Math.min(payload, to - i);
                payload -= n;
                i += n;
                inPayload = payload > 0;
            } else {
                header(data.getByte(i++));
            }
            if (stop && atBoundary()) {
                return i;
            }
        }
        return -1;
    }

    private void header(byte b) {
        int at = seen++;
        if (at == 0) {
            closed |= (b & 0x0f) == CLOSE;
            return;
        }
        if (at == 1) {
            int length = b & 0x7f;
            lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0;
            payload = lengthBytes == 0 ? length : 0;
            header = 2 + lengthBytes + ((b & 0x80) != 0 ? 4 : 0);
        } else if (at < 2 + lengthBytes) {
            payload = (payload << 8) | (b & 0xff);
        }
        if (seen == header) {
            seen = 0;
            header = 2;
            if (payload < 0) {
                // The top bit of the length is set, which it must not be: where such a frame ends nobody can say.
                payload = Long.MAX_VALUE;
            }
            inPayload = payload != 0;
        }
    }
}
