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
 * A stream of an HTTP/2 connection as its answers see it: the request that it has now, its deadline, and how an answer to that goes
 * out in frames, no faster than the client takes them. Confined to its event loop.
 */
abstract class StreamAnswer implements Front {
    /** So much of an answer may wait for the client before the upstream is read no further. */
    private static final int MOST_UNSENT = 64 << 10;

    final RequestPath path;
    final Http2Front connection;

    private @Nullable Http2Stream stream;
    private @Nullable RequestHead head;
    /** Names the stream in what comes later: a number that was never used before on this connection. */
    private int id;

    private boolean closed;
    /** Whether our END_STREAM is written. */
    private boolean ended;
    /** What is still missing of the answer's body, or -1 when only its end tells. */
    private long left;

    private int unsent;
    private int writes;
    /** Whether somebody waits for {@link #writable}. */
    private boolean blocked;

    private long deadline = Long.MAX_VALUE;

    StreamAnswer(RequestPath path, Http2Front connection) {
        this.path = path;
        this.connection = connection;
    }

    /** Another stream begins. Returns what its head is read into. */
    final RequestHead begin(Http2Stream of) {
        stream = of;
        id = of.id();
        closed = false;
        ended = false;
        left = -1;
        unsent = 0;
        writes = 0;
        blocked = false;
        deadline = Long.MAX_VALUE;
        RequestHead h = path.takeHead();
        head = h;
        return h;
    }

    /** The request is over. */
    final void releaseHead() {
        RequestHead h = head;
        if (h != null) {
            head = null;
            path.giveHead(h);
        }
    }

    final int id() {
        return id;
    }

    final boolean isClosed() {
        return closed;
    }

    /** Nothing more can be written. Returns false when that was so already. */
    final boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        deadline = Long.MAX_VALUE;
        return true;
    }

    /** The stream is closed, by whichever side, or the connection is. */
    abstract void closed();

    /** Something that was written is out, or never will be. */
    abstract void sent(int of, int bytes);

    /** The deadline has passed. There is none from now on. */
    abstract void expired();

    final void checkDeadline(long now) {
        if (now - deadline < 0 || deadline == Long.MAX_VALUE) {
            return;
        }
        deadline = Long.MAX_VALUE;
        expired();
    }

    /** Something that was written is out. Returns whether that concerns the stream that there is now. */
    final boolean isOut(int of, int bytes) {
        if (of != id || closed) {
            return false;
        }
        unsent -= bytes;
        writes--;
        return true;
    }

    final boolean allOut() {
        return writes == 0;
    }

    /** Whether somebody who waited for {@link #writable} may go on; to be told once. */
    final boolean hasRoomAgain() {
        if (blocked && (output().full() ? unsent == 0 : unsent <= MOST_UNSENT / 2)) {
            blocked = false;
            return true;
        }
        return false;
    }

    /** The client may send more of the body. */
    final void consumed(int bytes) {
        Http2Stream s = stream;
        if (s != null) {
            output().consumed(s, bytes);
        }
    }

    /** The answer is written: its end is too, from now on. */
    final void end() {
        if (!closed) {
            if (!ended) {
                ended = true;
                send(Unpooled.EMPTY_BUFFER, true);
            }
            flush();
        }
    }

    final void reset(Http2Error error) {
        Http2Stream s = stream;
        if (s != null && !closed) {
            output().reset(s, error);
            closed();
        }
    }

    @Override
    public final void abort() {
        reset(Http2Error.INTERNAL_ERROR);
    }

    private Http2Output output() {
        return connection.output();
    }

    @Override
    public final @Nullable RequestHead head() {
        return head;
    }

    @Override
    public final byte[] clientAddress(RequestHead h) {
        return connection.clientAddress(h);
    }

    @Override
    public final boolean tls() {
        return true;
    }

    @Override
    public final boolean mayWait() {
        return connection.mayWait();
    }

    @Override
    public final void goOn() {
        headers(Http2AnswerHead.CONTINUE, false);
        flush();
    }

    @Override
    public final void tunnel() {
        throw new IllegalStateException("no request for an upgrade gets through the parser (RFC 9113, 8.6)");
    }

    @Override
    public final boolean framed() {
        return true;
    }

    @Override
    public final boolean chunks() {
        return false;
    }

    @Override
    public final boolean delimits(ResponseHead.Framing framing) {
        return true;
    }

    @Override
    public final boolean interim(ResponseHead answer) {
        headers(Http2AnswerHead.of(answer), false);
        return true;
    }

    @Override
    public final void answer(ResponseHead answer, ByteBuf data, int room, boolean keep) {
        RequestHead h = head;
        boolean none = answer.framing(h != null && h.lineRead() && h.headMethod()) == ResponseHead.Framing.NONE;
        left = none ? 0 : answer.contentLength();
        headers(Http2AnswerHead.of(answer), none);
        write(data);
    }

    @Override
    public final void answer(ByteBuf made) {
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
    public final void write(ByteBuf data) {
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
    public final void flush() {
        output().flushSoon();
    }

    @Override
    public final boolean writable() {
        boolean on = closed || (output().full() ? unsent == 0 : unsent < MOST_UNSENT);
        blocked = !on;
        return on;
    }

    @Override
    public final void deadline(Duration timeout) {
        deadline = path.connections().deadline(timeout);
    }

    @Override
    public final void noDeadline() {
        deadline = Long.MAX_VALUE;
    }
}
