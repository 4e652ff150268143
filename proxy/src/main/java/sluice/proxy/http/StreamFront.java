package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.proxy.upstream.BadMessage;
import sluice.proxy.upstream.ResponseHead;

/**
 * One stream of an HTTP/2 connection: one request and its answer. Used for one stream after another, once its exchange is over
 * <em>and</em> the stream is closed; either may come first. Confined to its event loop.
 */
final class StreamFront implements Front {
    /** So much of an answer may wait for the client before the upstream is read no further. */
    private static final int MOST_UNSENT = 64 << 10;

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

    private final RequestPath path;
    private final Http2Front connection;
    private final Exchange exchange;

    private @Nullable Http2Stream stream;
    private @Nullable RequestHead head;
    private Stage stage = Stage.ANSWERED;
    /** Names the stream in what comes later: a number that was never used before on this connection. */
    private int id;

    private boolean closed;
    /** Whether the client has ended its request. */
    private boolean requestEnded;
    /** Whether our END_STREAM is written. */
    private boolean ended;
    /** What is still missing of the answer's body, or -1 when only its end tells. */
    private long left;

    private int unsent;
    private int writes;
    /** Whether somebody waits for {@link #writable}. */
    private boolean blocked;

    private int unconsumed;
    private long deadline = Long.MAX_VALUE;

    StreamFront(RequestPath path, Http2Front connection) {
        this.path = path;
        this.connection = connection;
        this.exchange = new Exchange(path, this);
    }

    /**
     * A request has come.
     *
     * @param in its head as HTTP/1.1 has it
     */
    void begin(Http2Stream of, ByteBuf in, boolean complete) {
        stream = of;
        id = of.id();
        stage = Stage.BUSY;
        closed = false;
        requestEnded = complete;
        ended = false;
        left = -1;
        unsent = 0;
        writes = 0;
        blocked = false;
        unconsumed = 0;
        deadline = Long.MAX_VALUE;
        RequestHead h = path.takeHead();
        head = h;
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
        deadline = exchange.bodyDeadline();
        try {
            exchange.body(in);
            if (last) {
                exchange.bodyEnded();
            }
        } catch (BadMessage e) {
            exchange.refuse(e);
        }
        if (!closed && stage == Stage.BODY && exchange.bodyBlocked()) {
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

    /** Whether it is this stream's: one that was reset from here stays open until the reset has left, and this may have another by then. */
    boolean isOf(Http2Stream other) {
        return stream == other;
    }

    /** The stream is closed, by whichever side, or the connection is. */
    void closed() {
        if (closed) {
            return;
        }
        closed = true;
        deadline = Long.MAX_VALUE;
        if (stage == Stage.ANSWERED) {
            connection.over(this);
            return;
        }
        // Not now: it may be the exchange itself whose write has just failed.
        int was = id;
        path.loop().execute(() -> {
            if (id == was && stage != Stage.ANSWERED && exchange.clientGone()) {
                answered();
            }
        });
    }

    private void answered() {
        stage = Stage.ANSWERED;
        deadline = Long.MAX_VALUE;
        RequestHead h = head;
        if (h != null) {
            head = null;
            path.giveHead(h);
        }
        if (closed) {
            connection.over(this);
        }
    }

    void checkDeadline(long now) {
        if (now - deadline < 0 || deadline == Long.MAX_VALUE) {
            return;
        }
        deadline = Long.MAX_VALUE;
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

    /** Something that was written is out, or never will be. */
    void sent(int of, int bytes) {
        if (of != id || closed) {
            return;
        }
        unsent -= bytes;
        writes--;
        if (stage == Stage.ANSWERED) {
            deadline = path.connections().deadline(path.limits().clientIdle());
            resetIfUnread();
        } else {
            wake();
        }
    }

    /** Goes on if there is room again. */
    void wake() {
        if (blocked && (output().full() ? unsent == 0 : unsent <= MOST_UNSENT / 2)) {
            blocked = false;
            exchange.clientWritable();
        }
    }

    /** RFC 9113 section 8.1: after an answer that came before the request's end, the client is told to stop sending. */
    private void resetIfUnread() {
        if (writes == 0 && !requestEnded) {
            reset(Http2Error.NO_ERROR);
        }
    }

    private void reset(Http2Error error) {
        Http2Stream s = stream;
        if (s != null && !closed) {
            output().reset(s, error);
            closed();
        }
    }

    private Http2Output output() {
        return connection.output();
    }

    @Override
    public @Nullable RequestHead head() {
        return head;
    }

    @Override
    public byte[] clientAddress(RequestHead h) {
        return connection.clientAddress(h);
    }

    @Override
    public boolean tls() {
        return true;
    }

    @Override
    public boolean mayWait() {
        return connection.mayWait();
    }

    @Override
    public void goOn() {
        headers(Http2AnswerHead.CONTINUE, false);
        flush();
    }

    @Override
    public void readBody() {
        stage = Stage.BODY;
        deadline = exchange.bodyDeadline();
    }

    /** RFC 9113 section 8.1.1: with a length of 0 and no end yet, only the end tells that nothing comes that belies it. */
    @Override
    public boolean bodyFollows(RequestHead h) {
        return h.hasBody() || !requestEnded;
    }

    @Override
    public void bodyRead() {
        if (stage == Stage.BODY) {
            stage = Stage.BUSY;
            deadline = Long.MAX_VALUE;
        }
    }

    @Override
    public void requestUnread() {
        // Seen by what has come.
    }

    @Override
    public void updateReading() {
        Http2Stream s = stream;
        if (unconsumed > 0 && s != null && !closed && !exchange.bodyBlocked()) {
            int n = unconsumed;
            unconsumed = 0;
            output().consumed(s, n);
        }
    }

    @Override
    public void tunnel() {
        throw new IllegalStateException("no request for an upgrade gets through the parser (RFC 9113, 8.6)");
    }

    @Override
    public boolean framed() {
        return true;
    }

    @Override
    public boolean chunks() {
        return false;
    }

    @Override
    public boolean delimits(ResponseHead.Framing framing) {
        return true;
    }

    @Override
    public boolean interim(ResponseHead answer) {
        headers(Http2AnswerHead.of(answer, path.answers().date()), false);
        return true;
    }

    @Override
    public void answer(ResponseHead answer, ByteBuf data, int room, boolean keep) {
        RequestHead h = head;
        boolean none = answer.framing(h != null && h.lineRead() && h.headMethod()) == ResponseHead.Framing.NONE;
        left = none ? 0 : answer.contentLength();
        headers(Http2AnswerHead.of(answer, path.answers().date()), none);
        write(data);
    }

    @Override
    public void answer(ByteBuf made) {
        ResponseHead answer = connection.made();
        answer.reset();
        try {
            if (!answer.feed(made)) {
                throw new IllegalStateException("an answer of our own without an end of its head");
            }
        } catch (BadMessage e) {
            throw new IllegalStateException("an answer of our own that is none", e);
        }
        answer(answer, made, 0, true);
    }

    private void headers(Http2Headers headers, boolean last) {
        if (!closed && !ended) {
            ended = last;
            writes++;
            output().headers(this, id, headers, last);
        }
    }

    @Override
    public void write(ByteBuf data) {
        int n = data.readableBytes();
        if (n == 0 || closed || ended) {
            data.release();
            return;
        }
        if (left >= 0) {
            left -= n;
            ended = left <= 0;
        }
        send(data, ended);
    }

    private void send(ByteBuf data, boolean last) {
        writes++;
        unsent += data.readableBytes();
        output().data(this, id, data, last);
    }

    @Override
    public void flush() {
        output().flushSoon();
    }

    @Override
    public boolean writable() {
        boolean on = closed || (output().full() ? unsent == 0 : unsent < MOST_UNSENT);
        blocked = !on;
        return on;
    }

    @Override
    public void deadline(Duration timeout) {
        deadline = path.connections().deadline(timeout);
    }

    @Override
    public void noDeadline() {
        deadline = Long.MAX_VALUE;
    }

    @Override
    public void next() {
        if (!closed) {
            if (!ended) {
                ended = true;
                send(Unpooled.EMPTY_BUFFER, true);
            }
            flush();
        }
        answered();
        if (!closed) {
            deadline = path.connections().deadline(path.limits().clientIdle());
            resetIfUnread();
        }
    }

    @Override
    public void finish() {
        next();
    }

    @Override
    public void abort() {
        reset(Http2Error.INTERNAL_ERROR);
    }
}
