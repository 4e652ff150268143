package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Passage;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Route;
import sluice.proxy.route.Side;
import sluice.proxy.upstream.Caller;
import sluice.proxy.upstream.ResponseHead;
import sluice.proxy.upstream.UpstreamConnection;

/**
 * Carries a request that was let through to its upstream, and the answer back. Invariants: once a byte of a request went upstream it
 * is not sent again unless it is safe (3); a client that hangs up never ends a write in flight (2). Confined to its event loop.
 */
final class Relay implements Caller {
    private static final int PART = 64 << 10;
    /** Up to here a head and what follows are put into one buffer, so that they leave as one TLS record. */
    private static final int SMALL = 8 << 10;

    private final RequestPath path;
    private final FrontHandler front;
    private final Exchange exchange;

    private @Nullable UpstreamConnection upstream;
    private @Nullable OpenStream stream;
    private @Nullable RequestBody body;
    private @Nullable Route route;
    private Side side = Side.OLD;
    private boolean safe;
    private boolean retried;
    /** Whether the gate counts it as in flight. */
    private boolean inFlight;

    private boolean sent;
    /** Whether anything of the answer went to the client. */
    private boolean answering;

    private boolean clientGone;
    /** Whether the upstream is not read because the client is slow. */
    private boolean paused;

    private boolean keep;
    private int status;
    private long sentAt;
    private long bodySent;
    private boolean bodyAsked;

    Relay(RequestPath path, FrontHandler front, Exchange exchange) {
        this.path = path;
        this.front = front;
        this.exchange = exchange;
    }

    /** The gate let it through. */
    void start(Passage passage, Route to, RequestBody complete) {
        side = passage.side();
        route = to;
        body = complete;
        RequestHead head = head();
        safe = to.requestClass().mayBeSentAgain(head.safeMethod());
        retried = false;
        inFlight = true;
        sent = false;
        answering = false;
        clientGone = false;
        paused = false;
        status = 0;
        sentAt = path.now();
        connect(false);
    }

    private RequestHead head() {
        RequestHead head = front.head();
        if (head == null) {
            throw new IllegalStateException("no request");
        }
        return head;
    }

    private Route route() {
        Route r = route;
        if (r == null) {
            throw new IllegalStateException("no request");
        }
        return r;
    }

    private void connect(boolean fresh) {
        front.noDeadline();
        UpstreamConnection connection = path.pools().of(side, route().service()).take(this, safe, fresh);
        upstream = connection;
        if (connection.ready()) {
            send(connection);
        }
    }

    @Override
    public void connected() {
        UpstreamConnection connection = upstream;
        if (connection != null) {
            send(connection);
        }
    }

    private void send(UpstreamConnection to) {
        RequestHead head = head();
        RequestBody complete = body;
        Passage passage = exchange.passage();
        long size = complete == null ? 0 : complete.size();
        byte[] out = path.scratch();
        int n = UpstreamRequest.write(
                head,
                front.clientAddress(head),
                front.tls(),
                size,
                TimeUnit.NANOSECONDS.toMillis(passage.waitedNanos()),
                out);
        ByteBuf memory = complete == null ? null : complete.memory();
        int inline = memory == null || memory.readableBytes() > SMALL ? 0 : memory.readableBytes();
        ByteBuf first = path.alloc().directBuffer(n + inline);
        first.writeBytes(out, 0, n);
        ByteBuf second = null;
        if (memory != null) {
            if (inline > 0) {
                first.writeBytes(memory, memory.readerIndex(), inline);
            } else {
                second = memory.retainedDuplicate();
            }
        }
        boolean spooled = complete != null && complete.file() != null;
        path.gate().sending(passage);
        sent = true;
        front.deadline(path.limits().upstreamRead());
        to.send(first, second, !spooled, head.headMethod(), head.upgrade(), head.minor() == 1);
        if (spooled) {
            bodySent = 0;
            bodyAsked = false;
            nextPart();
        }
    }

    private void nextPart() {
        UpstreamConnection to = upstream;
        SpoolFile file = body == null ? null : body.file();
        if (to == null || file == null || bodyAsked || bodySent == file.size() || !to.writable()) {
            return;
        }
        bodyAsked = true;
        file.read(path.alloc(), bodySent, (int) Math.min(PART, file.size() - bodySent));
    }

    /** A part of the body has come from the disk. */
    void bodyPart(ByteBuf data) {
        bodyAsked = false;
        UpstreamConnection to = upstream;
        SpoolFile file = body == null ? null : body.file();
        if (to == null || file == null) {
            data.release();
            return;
        }
        bodySent += data.readableBytes();
        front.deadline(path.limits().upstreamRead());
        to.write(data, bodySent == file.size());
        nextPart();
    }

    void bodyFailed(IOException cause) {
        UpstreamConnection to = upstream;
        if (to != null) {
            to.abandon();
            broken(false, "the spooled body cannot be read: " + cause.getMessage());
        }
    }

    @Override
    public void writable() {
        if (stream != null) {
            front.updateReading();
        } else {
            nextPart();
        }
    }

    @Override
    public void connectFailed(Throwable cause) {
        upstream = null;
        fail(502, "The site cannot be reached just now. Nothing was changed by this request.");
    }

    @Override
    public void interim(ResponseHead head) {
        front.deadline(path.limits().upstreamRead());
        // RFC 9110 15.2: none to HTTP/1.0 clients. 100 is not passed on: the client had its own from here.
        if (head.status() != 100 && !clientGone && head().minor() == 1) {
            byte[] out = path.scratch();
            int n = AnswerHead.write(head, false, AnswerHead.Persistence.KEEP, out);
            answering = true;
            front.write(path.alloc().directBuffer(n).writeBytes(out, 0, n));
            front.flush();
        }
    }

    @Override
    public void answer(ResponseHead head, ByteBuf data, int room, boolean last) {
        status = head.status();
        if (clientGone) {
            part(data, last);
            return;
        }
        if (status >= 500 && safe && !answering && parkedAgain(last)) {
            data.release();
            exchange.answerIfShed();
            return;
        }
        answering = true;
        RequestHead request = head();
        ResponseHead.Framing framing = head.framing(request.headMethod());
        boolean chunked = framing == ResponseHead.Framing.CHUNKED && request.minor() == 1;
        boolean delimited = chunked || framing == ResponseHead.Framing.LENGTH || framing == ResponseHead.Framing.NONE;
        keep = exchange.keepAlive() && delimited;
        if (framing == ResponseHead.Framing.TUNNEL) {
            write(head, Unpooled.EMPTY_BUFFER, 0, false, AnswerHead.Persistence.UPGRADE);
            open(true, false);
            part(data, false);
            return;
        }
        write(head, data, room, chunked, persistence(request));
        if (isEventStream(head) && !last) {
            open(false, chunked);
        }
        after(last);
    }

    private AnswerHead.Persistence persistence(RequestHead request) {
        if (!keep) {
            return AnswerHead.Persistence.CLOSE;
        }
        return request.minor() == 1 ? AnswerHead.Persistence.KEEP : AnswerHead.Persistence.KEEP_OLD;
    }

    private boolean isEventStream(ResponseHead head) {
        return route().requestClass() == RequestClass.STREAM && head.eventStream() && status == 200;
    }

    /** Head and first data, in one buffer where that costs little. */
    private void write(ResponseHead head, ByteBuf data, int room, boolean chunked, AnswerHead.Persistence persistence) {
        byte[] out = path.scratch();
        int n = AnswerHead.write(head, chunked, persistence, out);
        if (n <= room) {
            // The head as it was read lay there: nothing is copied but the head.
            int at = data.readerIndex() - n;
            data.setBytes(at, out, 0, n);
            data.readerIndex(at);
            front.write(data);
            return;
        }
        ByteBufAllocator alloc = path.alloc();
        boolean one = data.readableBytes() <= SMALL;
        ByteBuf first = alloc.directBuffer(one ? n + data.readableBytes() : n);
        first.writeBytes(out, 0, n);
        if (one) {
            first.writeBytes(data);
            data.release();
            front.write(first);
        } else {
            front.write(first);
            front.write(data);
        }
    }

    private void open(boolean tunnel, boolean chunked) {
        UpstreamConnection to = upstream;
        if (to == null) {
            return;
        }
        boolean webSocket = tunnel && isWebSocket();
        OpenStream opened = new OpenStream(path, front, this, to, webSocket, tunnel, chunked);
        stream = opened;
        inFlight = false;
        metrics();
        path.gate().streamOpened(exchange.passage(), opened);
        if (tunnel) {
            front.tunnel();
        }
    }

    private boolean isWebSocket() {
        RequestHead head = head();
        return head.upgrade() && "websocket".equalsIgnoreCase(head.value(head.upgradeField()));
    }

    @Override
    public void part(ByteBuf data, boolean last) {
        if (clientGone) {
            data.release();
            if (last) {
                ended();
                finish(false);
            } else {
                front.deadline(path.limits().upstreamRead());
            }
            return;
        }
        OpenStream open = stream;
        if (open == null) {
            front.write(data);
        } else {
            open.fromUpstream(data);
            if (stream == null) {
                return;
            }
        }
        after(last);
    }

    private void after(boolean last) {
        if (last) {
            upstream = null;
            ended();
            front.flush();
            finish(keep);
            return;
        }
        UpstreamConnection from = upstream;
        if (from == null) {
            return;
        }
        boolean on = front.writable();
        paused = !on;
        from.reading(on);
        if (stream != null && stream.closing()) {
            return;
        }
        front.deadline(on ? path.limits().upstreamRead() : path.limits().clientIdle());
    }

    @Override
    public void readComplete() {
        if (answering && !clientGone) {
            front.flush();
        }
    }

    void clientWritable() {
        UpstreamConnection from = upstream;
        if (from != null && answering) {
            paused = false;
            from.reading(true);
            front.deadline(path.limits().upstreamRead());
        }
    }

    @Override
    public void broken(boolean nothingRead, String why) {
        UpstreamConnection was = upstream;
        upstream = null;
        if (!clientGone && safe && nothingRead && !retried && was != null && was.reused()) {
            // It rested too long and the upstream had closed it; safe, so it may be sent again.
            retried = true;
            connect(true);
            return;
        }
        fail(502, "The site closed the connection before it answered.");
    }

    void timeout() {
        if (paused && !clientGone) {
            // It is the client that does not get on: as if it had hung up.
            front.abort();
            return;
        }
        UpstreamConnection was = upstream;
        upstream = null;
        if (was != null) {
            was.abandon();
        }
        fail(504, "The site took too long to answer.");
    }

    /** There will be no answer, or none that is complete. */
    private void fail(int with, String text) {
        boolean first = !answering && !clientGone;
        if (first) {
            status = with;
        }
        if (first && safe && inFlight && parkedAgain(true)) {
            exchange.answerIfShed();
            return;
        }
        settle();
        if (clientGone) {
            finish(false);
        } else if (first) {
            upstream = null;
            exchange.failed(with, text);
        } else {
            front.abort();
        }
    }

    /** Asks the gate whether a safe request that failed waits once more. */
    private boolean parkedAgain(boolean last) {
        inFlight = false;
        if (!exchange.parkedAgain()) {
            metrics();
            return false;
        }
        UpstreamConnection was = upstream;
        upstream = null;
        if (!last && was != null) {
            was.abandon();
        }
        return true;
    }

    /** The answer has ended as HTTP has it. */
    private void ended() {
        closeStream();
        if (inFlight) {
            inFlight = false;
            path.gate().ended(exchange.passage(), status);
            metrics();
        }
    }

    /** There will be no more of an answer. */
    private void settle() {
        closeStream();
        if (inFlight) {
            inFlight = false;
            metrics();
            if (sent && exchange.passage().requestClass().isWrite()) {
                path.gate().unknown(exchange.passage());
            } else {
                path.gate().ended(exchange.passage(), 0);
            }
        }
    }

    private void metrics() {
        path.metrics().request(side.ordinal(), route().requestClass().ordinal(), status, path.now() - sentAt);
    }

    private void closeStream() {
        OpenStream open = stream;
        if (open != null) {
            stream = null;
            open.ended();
            path.gate().streamClosed(open);
        }
    }

    private void finish(boolean keepAlive) {
        upstream = null;
        exchange.done(keepAlive);
    }

    /** The stream ended itself: everything for the client is written. */
    void streamDone() {
        UpstreamConnection was = upstream;
        upstream = null;
        if (was != null) {
            was.abandon();
        }
        closeStream();
        finish(false);
    }

    /** Returns whether nothing is left to be done: false when it is a write whose answer is still to come. */
    boolean clientGone() {
        UpstreamConnection was = upstream;
        if (was == null) {
            // Broken in this very moment: the front is being closed because of it.
            settle();
            return true;
        }
        if (inFlight && sent && !safe) {
            clientGone = true;
            paused = false;
            was.reading(true);
            front.deadline(path.limits().upstreamRead());
            return false;
        }
        upstream = null;
        was.abandon();
        if (inFlight) {
            inFlight = false;
            path.gate().ended(exchange.passage(), 0);
        }
        closeStream();
        return true;
    }

    void stop() {
        OpenStream open = stream;
        if (open != null) {
            open.close();
        }
    }

    void fromClient(ByteBuf data) {
        UpstreamConnection to = upstream;
        if (to == null || stream == null) {
            data.release();
            return;
        }
        front.deadline(path.limits().upstreamRead());
        to.write(data, false);
    }

    boolean upstreamWritable() {
        UpstreamConnection to = upstream;
        return to == null || to.writable();
    }
}
