package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;
import sluice.proxy.upstream.BadMessage;

/**
 * One stream of an HTTP/2 connection: reads its request, for its {@link Exchange}. Used for one stream after another, once its
 * exchange is over <em>and</em> the stream is closed; either may come first. Confined to its event loop.
 */
final class StreamFront extends StreamAnswer {
    private enum Stage {
        BODY,
        /** The request is complete, and with the gate or the upstream. */
        BUSY,
        /** The exchange is over; flow control may hold back the end of the answer. */
        ANSWERED
    }

    // Neighbours in the connection's list of streams.
    @Nullable
    StreamFront previous;

    @Nullable
    StreamFront next;

    private final Exchange exchange;

    private Stage stage = Stage.ANSWERED;
    /** Whether the client has ended its request. */
    private boolean requestEnded;

    private int unconsumed;

    StreamFront(RequestPath path, Http2Front connection) {
        super(path, connection);
        this.exchange = new Exchange(path, this);
    }

    /**
     * A request has come.
     *
     * @param in its head as HTTP/1.1 has it
     */
    void begin(Http2Stream of, ByteBuf in, boolean complete) {
        stage = Stage.BUSY;
        requestEnded = complete;
        unconsumed = 0;
        RequestHead h = begin(of);
        try {
            if (!h.feed(in)) {
                throw new IllegalStateException("a head without an end");
            }
            exchange.begin(h, false);
        } catch (BadMessage e) {
            exchange.refuse(e);
        }
    }

    /**
     * Bytes of the body, perhaps none.
     *
     * @return how many of them may be given back to the client's window at once
     */
    int data(ByteBuf in, int padding, boolean last) {
        int size = in.readableBytes() + padding;
        requestEnded = last;
        if (stage != Stage.BODY) {
            return size; // the answer has come first, or nobody waits any more
        }
        deadline(path.limits().bodyTimeout());
        try {
            exchange.body(in);
            if (last) {
                exchange.bodyEnded();
            }
        } catch (BadMessage e) {
            exchange.refuse(e);
        }
        if (!isClosed() && stage == Stage.BODY && exchange.bodyBlocked()) {
            unconsumed += size;
            return 0;
        }
        return size;
    }

    /** The request ends with trailers, which go no further. */
    void trailers() {
        requestEnded = true;
        if (stage != Stage.BODY) {
            return;
        }
        try {
            exchange.bodyEnded();
        } catch (BadMessage e) {
            exchange.refuse(e);
        }
    }

    @Override
    void closed() {
        if (!close()) {
            return;
        }
        if (stage == Stage.ANSWERED) {
            connection.over(this);
            return;
        }
        // Not now: it may be the exchange itself whose write has just failed.
        int was = id();
        path.loop().execute(() -> {
            if (id() == was && stage != Stage.ANSWERED && exchange.clientGone()) {
                answered();
            }
        });
    }

    private void answered() {
        stage = Stage.ANSWERED;
        noDeadline();
        releaseHead();
        if (isClosed()) {
            connection.over(this);
        }
    }

    @Override
    void expired() {
        switch (stage) {
            case BODY -> exchange.refuse(new BadMessage(408, "the request's body took too long"));
            case BUSY -> exchange.timeout();
            case ANSWERED -> reset(Http2Error.CANCEL);
        }
    }

    void stop() {
        if (stage != Stage.ANSWERED) {
            exchange.stop();
        }
    }

    /** Whether its request waits at the gate. */
    boolean waits() {
        return stage != Stage.ANSWERED && exchange.waits();
    }

    @Override
    void sent(int of, int bytes) {
        if (!isOut(of, bytes)) {
            return;
        }
        if (stage == Stage.ANSWERED) {
            deadline(path.limits().clientIdle());
            resetIfUnread();
        } else {
            wake();
        }
    }

    /** Goes on if there is room again. */
    void wake() {
        if (hasRoomAgain()) {
            exchange.clientWritable();
        }
    }

    /** RFC 9113 section 8.1: after an answer that came before the request's end, the client is told to stop sending. */
    private void resetIfUnread() {
        if (allOut() && !requestEnded) {
            reset(Http2Error.NO_ERROR);
        }
    }

    @Override
    public void readBody() {
        stage = Stage.BODY;
        deadline(path.limits().bodyTimeout());
    }

    @Override
    public void bodyRead() {
        if (stage == Stage.BODY) {
            stage = Stage.BUSY;
            noDeadline();
        }
    }

    @Override
    public void requestUnread() {
        // Seen by what has come.
    }

    @Override
    public void updateReading() {
        if (unconsumed > 0 && !isClosed() && !exchange.bodyBlocked()) {
            int n = unconsumed;
            unconsumed = 0;
            consumed(n);
        }
    }

    @Override
    public void next() {
        end();
        answered();
        if (!isClosed()) {
            deadline(path.limits().clientIdle());
            resetIfUnread();
        }
    }

    @Override
    public void finish() {
        next();
    }
}
