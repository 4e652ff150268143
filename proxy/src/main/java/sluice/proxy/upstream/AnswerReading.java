package sluice.proxy.upstream;

import io.netty.buffer.ByteBuf;

/**
 * Reads the answers that come on an {@link UpstreamConnection}, one after another, and hands their parts to the {@link Caller}: the
 * interim ones, the head with the first of the body, and the rest as it comes. Confined to the connection's event loop.
 */
final class AnswerReading {
    private enum Stage {
        HEAD,
        /** The head is complete, and held until the first bytes of the body come, so that both leave in one write. */
        HEAD_HELD,
        BODY
    }

    private final UpstreamConnection connection;
    private final ResponseHead head;
    private final ChunkedBody chunks = new ChunkedBody();

    private Stage stage = Stage.HEAD;
    private boolean nothingRead;
    private boolean toHead;
    private boolean mayUpgrade;
    private boolean keepChunks;
    /** Whether this answer's body is handed on in its chunks. */
    private boolean inChunks;

    private ResponseHead.Framing framing = ResponseHead.Framing.NONE;
    private long left;

    AnswerReading(UpstreamConnection connection, int headLimit) {
        this.connection = connection;
        this.head = new ResponseHead(headLimit);
    }

    /** Another request's answer is to come. */
    void begin() {
        stage = Stage.HEAD;
        nothingRead = true;
        head.reset();
    }

    /** That request is being sent. The arguments are those of {@link UpstreamConnection#send}. */
    void expect(boolean headMethod, boolean upgrade, boolean inChunks) {
        toHead = headMethod;
        mayUpgrade = upgrade;
        keepChunks = inChunks;
    }

    /** Whether not a byte of it has come. */
    boolean nothingRead() {
        return nothingRead;
    }

    /** Whether a chunked answer has come to a boundary between two chunks. */
    boolean atChunkBoundary() {
        return framing == ResponseHead.Framing.CHUNKED && chunks.atBoundary();
    }

    /** Whether the end of the connection, now, is the answer's proper end. */
    boolean endsWithConnection() {
        return stage == Stage.BODY
                && (framing == ResponseHead.Framing.UNTIL_CLOSE || framing == ResponseHead.Framing.TUNNEL);
    }

    /** What has come of the answer. Takes over the buffer, unless it throws. */
    void read(Caller to, ByteBuf in) throws BadMessage {
        nothingRead &= !in.isReadable();
        if (stage == Stage.HEAD_HELD) {
            stage = Stage.BODY;
            body(to, in, 0, true);
            return;
        }
        if (stage == Stage.BODY) {
            body(to, in, 0, false);
            return;
        }
        int start = in.readerIndex();
        while (true) {
            if (!head.feed(in)) {
                in.release();
                return;
            }
            if (head.status() >= 200 || head.status() == 101) {
                break;
            }
            to.interim(head);
            if (!connection.carriesFor(to)) {
                in.release();
                return;
            }
            head.reset();
            start = in.readerIndex();
        }
        if (head.status() == 101 && !mayUpgrade) {
            throw Head.bad("101 to a request that asked for no upgrade (RFC 9110, 7.8)");
        }
        framing = head.framing(toHead);
        left = Math.max(0, head.contentLength());
        if (framing == ResponseHead.Framing.CHUNKED) {
            inChunks = keepChunks && !to.bare(head);
            chunks.start(inChunks);
        }
        if (framing == ResponseHead.Framing.LENGTH && !in.isReadable()) {
            stage = Stage.HEAD_HELD;
            in.release();
            return;
        }
        stage = Stage.BODY;
        body(to, in, in.readerIndex() - start, true);
    }

    private void body(Caller to, ByteBuf read, int before, boolean first) throws BadMessage {
        ByteBuf in = read;
        int room = before;
        boolean last = false;
        boolean more = false;
        int from = in.readerIndex();
        switch (framing) {
            case NONE -> {
                last = true;
                more = in.isReadable();
                in.writerIndex(from);
            }
            case LENGTH -> {
                int n = (int) Math.min(left, in.readableBytes());
                left -= n;
                last = left == 0;
                more = in.readableBytes() > n;
                in.writerIndex(from + n);
            }
            case CHUNKED -> {
                int n = chunks.decode(in);
                last = chunks.done();
                more = chunks.end() < in.writerIndex();
                in.writerIndex(from + n);
            }
            case UNTIL_CLOSE, TUNNEL -> {}
        }
        if (last
                && framing == ResponseHead.Framing.CHUNKED
                && !chunks.trailers().isEmpty()) {
            if (inChunks) {
                in = withTrailers(in);
                room = 0;
            } else {
                to.trailers(chunks.trailers());
            }
        }
        if (last) {
            connection.release(!more && head.persistent());
        }
        if (first) {
            to.answer(head, in, room, last);
        } else {
            to.part(in, last);
        }
    }

    /** The end of a chunked body behind which the trailers and the blank line are still to come. */
    private ByteBuf withTrailers(ByteBuf end) {
        Trailers trailers = chunks.trailers();
        ByteBuf whole = end.alloc().directBuffer(end.readableBytes() + trailers.length() + 2);
        whole.writeBytes(end);
        end.release();
        trailers.write(whole);
        return whole.writeByte('\r').writeByte('\n');
    }
}
