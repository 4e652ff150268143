package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
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
    private final RequestPath path;
    private final Front front;
    private final Exchange exchange;
    private final Sending sending;
    private final Answering answering;

    private @Nullable UpstreamConnection upstream;
    private @Nullable Route route;
    private Side side = Side.OLD;
    private boolean safe;
    private boolean retried;
    /** Whether the gate counts it as in flight. */
    private boolean inFlight;

    private boolean sent;
    private boolean clientGone;
    /** Whether it is the other side that is asked, since this one has not got the file. */
    private boolean elsewhere;

    private int status;
    private long sentAt;

    Relay(RequestPath path, Front front, Exchange exchange) {
        this.path = path;
        this.front = front;
        this.exchange = exchange;
        this.sending = new Sending(path, front);
        this.answering = new Answering(path, front, this);
    }

    /** The gate let it through. */
    void start(Passage passage, Route to, RequestBody complete) {
        side = passage.side();
        route = to;
        safe = to.requestClass().mayBeSentAgain(head().safeMethod());
        retried = false;
        inFlight = true;
        sent = false;
        clientGone = false;
        elsewhere = false;
        status = 0;
        sentAt = path.now();
        sending.reset(complete);
        answering.reset();
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

    /** Where it was sent, at last. */
    Side side() {
        return side;
    }

    /** When it was let through, in nanoseconds of the path's clock. */
    long startedAt() {
        return sentAt;
    }

    private void send(UpstreamConnection to) {
        sent = true;
        sending.start(head(), exchange.passage(), to, elsewhere);
    }

    /** A part of the body has come from the disk. */
    void bodyPart(ByteBuf data) {
        sending.part(data);
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
        if (answering.isStream()) {
            front.updateReading();
        } else {
            sending.goOn();
        }
    }

    @Override
    public void connectFailed(Throwable cause) {
        letGo();
        fail(502, "The site cannot be reached just now. Nothing was changed by this request.");
    }

    @Override
    public void interim(ResponseHead head) {
        front.deadline(path.limits().upstreamRead());
        // 100 is not passed on: the client had its own from here.
        if (head.status() != 100 && !clientGone) {
            answering.interim(head);
        }
    }

    @Override
    public boolean bare(ResponseHead head) {
        return !clientGone && answering.bare(head(), head);
    }

    @Override
    public void answer(ResponseHead head, ByteBuf data, int room, boolean last) {
        status = head.status();
        if (clientGone) {
            part(data, last);
            return;
        }
        if (status >= 500 && safe && !elsewhere && !answering.begun() && parkedAgain(last)) {
            data.release();
            exchange.answerIfShed();
            return;
        }
        if (status == 404 && safe && !answering.begun() && wentOn(last)) {
            data.release();
            return;
        }
        if (elsewhere && status >= 500) {
            data.release();
            abandon();
            fail(status, "");
            return;
        }
        ResponseHead.Framing framing = head.framing(head().headMethod());
        if (framing == ResponseHead.Framing.TUNNEL) {
            answering.start(head(), head, framing, Unpooled.EMPTY_BUFFER, 0, exchange.keepAlive(), false);
            open(framing);
            part(data, false);
            return;
        }
        answering.start(head(), head, framing, data, room, exchange.keepAlive(), last);
        if (isEventStream(head) && !last) {
            open(framing);
        }
        after(last);
    }

    /** The site has not got a file: goes on to where it may be. Returns false when there is no such place. */
    private boolean wentOn(boolean last) {
        LocalFiles files = exchange.local();
        LocalFiles.Next next = files == null || elsewhere ? LocalFiles.Next.NOWHERE : files.afterMiss(head());
        if (files == null || next == LocalFiles.Next.NOWHERE) {
            return false;
        }
        if (last) {
            letGo();
        } else {
            abandon();
        }
        if (next == LocalFiles.Next.HERE) {
            ended();
            exchange.lookHere(files);
            return true;
        }
        metrics();
        elsewhere = true;
        side = side.other();
        sentAt = path.now();
        retried = false;
        connect(false);
        return true;
    }

    private void abandon() {
        UpstreamConnection was = letGo();
        if (was != null) {
            was.abandon();
        }
    }

    private boolean isEventStream(ResponseHead head) {
        return route().requestClass() == RequestClass.STREAM && head.eventStream() && status == 200;
    }

    private void open(ResponseHead.Framing framing) {
        UpstreamConnection to = upstream;
        if (to == null) {
            return;
        }
        boolean webSocket = framing == ResponseHead.Framing.TUNNEL && isWebSocket();
        inFlight = false;
        metrics();
        answering.open(exchange.passage(), to, webSocket, framing);
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
        if (answering.part(data, last)) {
            after(last);
        }
    }

    private void after(boolean last) {
        if (last) {
            letGo();
            ended();
            front.flush();
            finish(answering.keep());
            return;
        }
        UpstreamConnection from = upstream;
        if (from != null) {
            answering.pace(from);
        }
    }

    @Override
    public void readComplete() {
        if (answering.begun() && !clientGone) {
            front.flush();
        }
    }

    void clientWritable() {
        UpstreamConnection from = upstream;
        if (from != null && answering.begun()) {
            answering.resume(from);
        }
    }

    @Override
    public void broken(boolean nothingRead, String why) {
        UpstreamConnection was = letGo();
        if (!clientGone && safe && nothingRead && !retried && was != null && was.reused()) {
            // It rested too long and the upstream had closed it; safe, so it may be sent again.
            retried = true;
            connect(true);
            return;
        }
        fail(502, "The site closed the connection before it answered.");
    }

    void timeout() {
        if (answering.paused() && !clientGone) {
            // It is the client that does not get on: as if it had hung up.
            front.abort();
            return;
        }
        abandon();
        fail(504, "The site took too long to answer.");
    }

    /** There will be no answer, or none that is complete. */
    private void fail(int with, String text) {
        boolean first = !answering.begun() && !clientGone;
        if (first && elsewhere) {
            // The side that has to know said that there is no such file; the other one was only a hope.
            path.otherSide().failed();
            status = 404;
            ended();
            letGo();
            exchange.failed(404, "There is no such file.");
            return;
        }
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
            letGo();
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
        UpstreamConnection was = letGo();
        if (!last && was != null) {
            was.abandon();
        }
        return true;
    }

    /** The answer has ended as HTTP has it. */
    private void ended() {
        answering.ended();
        if (inFlight) {
            inFlight = false;
            path.gate().ended(exchange.passage(), status);
            metrics();
        }
    }

    /** There will be no more of an answer. */
    private void settle() {
        answering.ended();
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

    /** Returns the connection that was the upstream's so far, and is not any more. */
    private @Nullable UpstreamConnection letGo() {
        UpstreamConnection was = upstream;
        upstream = null;
        sending.stop();
        return was;
    }

    private void finish(boolean keepAlive) {
        letGo();
        exchange.done(keepAlive);
    }

    /** The stream ended itself: everything for the client is written. */
    void streamDone() {
        UpstreamConnection was = letGo();
        if (was != null) {
            was.abandon();
        }
        answering.ended();
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
            answering.resume(was);
            return false;
        }
        letGo();
        was.abandon();
        if (inFlight && status == 0) {
            inFlight = false;
            path.gate().left(exchange.passage());
        } else if (inFlight) {
            inFlight = false;
            path.gate().ended(exchange.passage(), status);
        }
        answering.ended();
        return true;
    }

    boolean streaming() {
        return answering.isStream();
    }

    boolean answering() {
        return answering.begun();
    }

    void stop() {
        answering.stop();
    }

    void fromClient(ByteBuf data) {
        UpstreamConnection to = upstream;
        if (to == null || !answering.isStream()) {
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
