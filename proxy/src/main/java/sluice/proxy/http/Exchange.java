package sluice.proxy.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Admission;
import sluice.proxy.gate.LoopGate;
import sluice.proxy.gate.Passage;
import sluice.proxy.gate.RequestInfo;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Preview;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Route;
import sluice.proxy.route.Service;
import sluice.proxy.upstream.BadMessage;

/**
 * One request from its head to the end of its answer: body, gate, then the {@link Relay}. A {@link Front} has one and uses it for all
 * its requests, one after another. Confined to its event loop.
 */
final class Exchange implements Passage.Owner, SpoolFile.Owner {
    private static final Route UNKNOWN = new Route(RequestClass.READ, Service.WEB, "not read yet");
    /** What an upstream that cannot be reached deserves until the next try. */
    private static final int RETRY_AFTER_BOUND = 10;

    private enum Stage {
        NONE,
        BODY,
        /** The gate is being asked; what it says meanwhile is done afterwards. */
        ASKING,
        PARKED,
        RELAY,
        /** A file is looked for, or sent. */
        FILE
    }

    private final RequestPath path;
    private final Front front;
    private final Relay relay;
    private final RequestBody body;
    private final Passage passage = new Passage(this);
    private final @Nullable LocalFiles local;
    private final @Nullable RecordedFront recorded;

    private Stage stage = Stage.NONE;
    private Route route = UNKNOWN;
    private long arrived;
    private boolean keepAlive;
    private @Nullable ShedReason shedReason;
    private int shedSeconds;

    Exchange(RequestPath path, Front wire) {
        this.path = path;
        this.recorded = path.recorded(wire);
        this.front = recorded == null ? wire : recorded;
        this.relay = new Relay(path, front, this);
        this.body = new RequestBody(path, this);
        this.local = path.files() == null ? null : new LocalFiles(path, front, this, path.files());
    }

    /**
     * A head is complete.
     *
     * @param bodyCame whether bytes came behind it already, so that the client does not wait for 100
     */
    void begin(RequestHead head, boolean bodyCame) throws BadMessage {
        assert stage == Stage.NONE;
        arrived = path.now();
        keepAlive = head.persistent() && !path.connections().stopping();
        stage = Stage.BODY;
        if (head.expectsElse() && !head.postMethod()) {
            // RFC 9110 10.1.1 lets a server ignore what it does not know, which is what POSTs get (invariant 8).
            throw new BadMessage(417, "an expectation other than 100-continue");
        }
        boolean bodyFollows = front.bodyFollows(head);
        body.start(head, bodyFollows, front.framed());
        if (!bodyFollows) {
            ask(head);
            return;
        }
        if (head.expectsContinue() && !bodyCame) {
            front.goOn();
        }
        front.readBody();
    }

    /** Bytes of the body, perhaps with more behind it. */
    void body(ByteBuf in) throws BadMessage {
        if (body.read(in)) {
            front.bodyRead();
            askIfComplete();
        }
    }

    /** The body has ended, where only its framing can tell. */
    void bodyEnded() throws BadMessage {
        if (stage == Stage.BODY) {
            body.end();
            front.bodyRead();
            askIfComplete();
        }
    }

    /** When the client has to have sent more of the body, in nanoseconds of the path's clock. */
    long bodyDeadline() {
        return body.deadline();
    }

    boolean bodyBlocked() {
        return body.blocked();
    }

    @Override
    public void spooled() {
        if (stage == Stage.BODY) {
            front.updateReading();
            askIfComplete();
        }
    }

    private void askIfComplete() {
        RequestHead head = front.head();
        if (stage == Stage.BODY && head != null && body.complete()) {
            ask(head);
        }
    }

    private void ask(RequestHead head) {
        LocalFiles files = local;
        if (files != null && files.first(head)) {
            stage = Stage.FILE;
            files.start(head);
            return;
        }
        askGate(head);
    }

    /** No file was found: the site is asked. */
    void askSite() {
        askGate(request());
    }

    private RequestHead request() {
        RequestHead head = front.head();
        if (head == null) {
            throw new IllegalStateException("no request");
        }
        return head;
    }

    private void askGate(RequestHead head) {
        route = path.classifier()
                .classify(
                        head.bytes(),
                        head.methodStart(),
                        head.methodEnd(),
                        head.pathStart(),
                        head.pathEnd(),
                        head.targetEnd(),
                        head);
        stage = Stage.ASKING;
        LoopGate gate = path.gate();
        Preview preview = gate.preview();
        boolean previewed = preview != null && path.previewMarks().fit(preview, head, front);
        apply(gate.ask(passage, route.requestClass(), head.length() + body.size(), previewed));
    }

    private void apply(Admission admission) {
        switch (admission) {
            case PASS -> granted();
            case PARKED -> {
                stage = Stage.PARKED;
                front.noDeadline();
            }
            case SHED -> answerShed();
        }
    }

    @Override
    public void granted() {
        stage = Stage.RELAY;
        relay.start(passage, route, body);
    }

    @Override
    public void shed(ShedReason reason, int retryAfterSeconds) {
        shedReason = reason;
        shedSeconds = Math.max(1, retryAfterSeconds);
        if (stage != Stage.ASKING) {
            answerShed();
        }
    }

    private void answerShed() {
        ShedReason reason = shedReason == null ? ShedReason.SHUT : shedReason;
        boolean keep = keepAlive();
        front.answer(path.answers().shed(path.alloc(), reason, shedSeconds, !keep, front.head()));
        front.flush();
        path.metrics().request(LoopMetrics.NO_UPSTREAM, route.requestClass().ordinal(), 503, 0);
        done(keep);
    }

    /**
     * A safe request failed, and nothing of an answer went to the client.
     *
     * @return whether it waits again, or was shed; else the failure is to be passed on, and the request is no longer in flight
     */
    boolean parkedAgain() {
        stage = Stage.ASKING;
        Admission admission = path.gate().failed(passage);
        if (admission == Admission.PASS) {
            stage = Stage.RELAY;
            return false;
        }
        if (admission == Admission.PARKED) {
            stage = Stage.PARKED;
            front.noDeadline();
        }
        return true;
    }

    /** After {@link #parkedAgain}, when the relay has let go of everything. */
    void answerIfShed() {
        if (stage == Stage.ASKING) {
            answerShed();
        }
    }

    /** The upstream cannot be reached, broke, or took too long, and nothing went to the client yet. */
    void failed(int status, String text) {
        RequestHead head = front.head();
        boolean keep = keepAlive();
        // RFC 9110 10.2.3: for any answer. Not for writes: this one may have happened.
        boolean again = status >= 500 && head != null && route.requestClass().mayBeSentAgain(head.safeMethod());
        front.answer(path.answers().make(path.alloc(), status, text, again ? RETRY_AFTER_BOUND : 0, !keep, head));
        front.flush();
        done(keep);
    }

    /** The site has not got it, and nothing went to the client yet: a file may be meant after all. The relay has let go of everything. */
    void lookHere(LocalFiles files) {
        stage = Stage.FILE;
        files.startLast(request());
    }

    /** The local files, when there are any. */
    @Nullable
    LocalFiles local() {
        return local;
    }

    /** There is no such file, or it may not be had. */
    void refused(int status, String text, String fields) {
        RequestHead head = front.head();
        boolean keep = keepAlive();
        front.answer(path.answers().refused(path.alloc(), status, text, fields, !keep, head));
        front.flush();
        served(status);
    }

    /** A file is written, or what stands for it. */
    void served(int status) {
        path.metrics().request(LoopMetrics.NO_UPSTREAM, route.requestClass().ordinal(), status, path.now() - arrived);
        done(keepAlive());
    }

    /** The request cannot be read. */
    void refuse(BadMessage bad) {
        RequestHead head = front.head();
        keepAlive = false;
        front.requestUnread();
        int status = Answers.status(bad.status(), head);
        int retryAfter = status == 503 ? RETRY_AFTER_BOUND : 0;
        front.answer(path.answers().make(path.alloc(), status, bad.reason(), retryAfter, true, head));
        path.metrics().refusedRequest(status);
        done(false);
    }

    /** The request is over: the access log is told, if there is one. */
    private void report() {
        if (recorded != null) {
            boolean file = stage == Stage.FILE;
            Passage asked = route.equals(UNKNOWN) ? null : passage;
            recorded.over(
                    asked != null || file ? route.requestClass() : null, asked, stage == Stage.RELAY ? relay : null);
        }
        route = UNKNOWN;
    }

    /** Everything is over and the answer is written. */
    void done(boolean keep) {
        report();
        stage = Stage.NONE;
        shedReason = null;
        body.release();
        if (keep) {
            front.next();
        } else {
            front.finish();
        }
    }

    /** Whether the client's connection stays after this answer. */
    boolean keepAlive() {
        return keepAlive && !path.connections().stopping();
    }

    /** Whether it waits at the gate. */
    boolean waits() {
        return stage == Stage.PARKED;
    }

    Passage passage() {
        return passage;
    }

    /** Returns whether nothing is left to be done for it: false while a write's answer is still to come. */
    boolean clientGone() {
        boolean over = switch (stage) {
            case NONE, BODY, ASKING -> true;
            case PARKED -> {
                path.gate().gone(passage);
                yield true;
            }
            case RELAY -> relay.clientGone();
            case FILE -> {
                if (local != null) {
                    local.end();
                }
                yield true;
            }
        };
        if (over) {
            report();
            stage = Stage.NONE;
            body.release();
        }
        return over;
    }

    /** Whether a client that sends nothing more can still want the answer: not when it is a stream. */
    boolean outlivesHalfClose() {
        return stage != Stage.RELAY || !relay.streaming();
    }

    /** Whether a part of the answer went to the client already. */
    boolean answering() {
        return (stage == Stage.RELAY && relay.answering())
                || (stage == Stage.FILE && local != null && local.answering());
    }

    void timeout() {
        if (stage == Stage.RELAY) {
            relay.timeout();
        } else if (stage == Stage.FILE && local != null) {
            local.timeout();
        }
    }

    void stop() {
        keepAlive = false;
        if (stage == Stage.RELAY) {
            relay.stop();
        }
    }

    void clientWritable() {
        if (stage == Stage.RELAY) {
            relay.clientWritable();
        } else if (stage == Stage.FILE && local != null) {
            local.clientWritable();
        }
    }

    void fromClient(ByteBuf data) {
        relay.fromClient(data);
    }

    boolean tunnelWritable() {
        return relay.upstreamWritable();
    }

    @Override
    public void read(ByteBuf data) {
        if (stage == Stage.RELAY) {
            relay.bodyPart(data);
        } else {
            data.release();
        }
    }

    @Override
    public void spoolFailed(IOException cause) {
        if (stage == Stage.BODY) {
            refuse(RequestBody.failed(cause));
        } else if (stage == Stage.RELAY) {
            relay.bodyFailed(cause);
        }
    }

    @Override
    public String clientAddress() {
        RequestHead head = front.head();
        return head == null ? "" : new String(front.clientAddress(head), StandardCharsets.US_ASCII);
    }

    @Override
    public boolean mayWait() {
        return front.mayWait();
    }

    @Override
    public RequestInfo describe() {
        RequestHead head = front.head();
        boolean waits = stage == Stage.PARKED;
        return new RequestInfo(
                "",
                waits ? "waiting" : "in_flight",
                route.requestClass(),
                head == null ? "" : head.method(),
                head == null ? "" : head.path(),
                waits ? null : passage.side(),
                TimeUnit.NANOSECONDS.toMillis(path.now() - (waits ? arrived : relay.startedAt())),
                (head == null ? 0 : head.length()) + body.size());
    }
}
