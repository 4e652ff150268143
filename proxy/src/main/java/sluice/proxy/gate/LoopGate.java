package sluice.proxy.gate;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/**
 * The gate as one event loop sees it: no lock and no atomic operation while it is open. Confined to its loop.
 *
 * <p>A request's life: {@link #ask}, then (at once or at {@link Passage.Owner#granted}) it is in flight and counted; for a write
 * {@link #sending} just before its first byte; and one end out of {@link #ended}, {@link #left}, {@link #unknown}, {@link #failed}
 * and {@link #streamOpened}. While it waits instead: {@link #gone} when its client hangs up. A client that hangs up while its
 * request is in flight ends nothing here.
 */
public final class LoopGate {
    private static final Logger LOG = LoggerFactory.getLogger(LoopGate.class);

    private final int index;
    private final Loop loop;
    private final ParkedQueue queue;
    private final LoopWaiting waiting;
    private final LoopCounts counts = new LoopCounts();
    private final LoopStreams streams = new LoopStreams(counts);
    private final LoopInFlight inFlight;

    private Routing routing;
    /** Who goes to the other side: null from hold to release. */
    private @Nullable Preview preview;

    private @Nullable LoopRehearsal rehearsal;
    /** The classes that the hold, or its rehearsal, concerns, a bit for each ordinal: the whole question of the open path. */
    private int concerned;

    private boolean open;
    private long requests;

    LoopGate(int index, Loop loop, Routing routing, ParkedQueue queue, InFlight drain, Time time) {
        this.index = index;
        this.loop = loop;
        this.queue = queue;
        this.waiting = new LoopWaiting(this, queue, time);
        this.inFlight = new LoopInFlight(index, drain, counts, routing);
        this.routing = routing;
        follow(routing);
    }

    /** The routing that this loop goes by. */
    public Routing routing() {
        assert loop.inLoop();
        return routing;
    }

    /** The preview that is in force on this loop, or null: so most of the time. To be asked just before {@link #ask}. */
    public @Nullable Preview preview() {
        assert loop.inLoop();
        return preview;
    }

    /** {@link #ask(Passage, RequestClass, long, boolean)} for a request that no preview concerns. */
    public Admission ask(Passage passage, RequestClass requestClass, long bytes) {
        return ask(passage, requestClass, bytes, false);
    }

    /**
     * Asks for passage; the request's body is complete. Asking and counting in flight are one step.
     *
     * @param bytes what the request occupies while it waits, head and body
     * @param previewed whether it is one that {@link #preview} means
     */
    public Admission ask(Passage passage, RequestClass requestClass, long bytes, boolean previewed) {
        assert loop.inLoop();
        assert passage.place == Passage.Place.IDLE : "a passage is for one request at a time";
        passage.requestClass = requestClass;
        passage.bytes = bytes;
        passage.number = ++requests;
        passage.waitedNanos = 0;
        passage.parkedAgain = false;
        passage.release = 0;
        Preview to = previewed ? preview : null;
        passage.preview = to;
        if (!Concern.includes(concerned, requestClass) || isOnlyRehearsed(passage)) {
            inFlight.enter(passage, to == null ? routing.active() : to.side());
            return Admission.PASS;
        }
        return waiting.park(passage);
    }

    /**
     * The first byte is about to go upstream. Counts a write that starts after drained although it was let through before:
     * drained was not true then.
     */
    public void sending(Passage passage) {
        assert loop.inLoop();
        assert passage.place == Passage.Place.IN_FLIGHT : "not in flight";
        inFlight.starts(passage);
    }

    /**
     * The upstream's response has ended, or nothing was ever sent.
     *
     * @param status the status of the upstream's response, or 0 when there was none: a release's first request that ends with
     *     0 or with 500 or more shuts the gate again
     */
    public void ended(Passage passage, int status) {
        assert loop.inLoop();
        inFlight.leave(passage);
        settle(passage, status >= 100 && status < 500);
    }

    /**
     * The client hung up, and its request was given up before its upstream had said anything: a read, or a write of which nothing was
     * sent. Takes the place of {@link #ended}; when it was a release's first request, the next one is the first now.
     */
    public void left(Passage passage) {
        assert loop.inLoop();
        inFlight.leave(passage);
        int release = passage.release;
        if (release != 0) {
            passage.release = 0;
            queue.left(release);
        }
    }

    /**
     * A write's upstream connection broke or timed out after bytes were sent: nobody can say whether it happened. Takes the
     * place of {@link #ended}. (A request that is no write has ended then, badly.)
     */
    public void unknown(Passage passage) {
        assert loop.inLoop();
        if (!passage.requestClass.isWrite()) {
            ended(passage, 0);
            return;
        }
        RequestInfo request = describe(passage, "unknown", passage.side);
        inFlight.broke(passage, request);
        LOG.warn("Nobody can say whether this write happened: {}", request);
        settle(passage, false);
    }

    /**
     * A safe request that was in flight failed and none of its answer went to the client. Parks it once more when the
     * gate is not open or when its upstream is no longer active; not one that went to a preview, where failures are what
     * is looked for. Only for what {@link RequestClass#mayBeSentAgain}: that it is no write is not enough, since a rule may
     * call a POST a read.
     *
     * @return PARKED when the request waits again; SHED when it was shed; PASS when the failure is to be passed on (it has
     *     ended then)
     */
    public Admission failed(Passage passage) {
        assert loop.inLoop();
        assert !passage.requestClass.isWrite() : "a write is never sent twice";
        boolean again = !passage.parkedAgain && passage.preview == null && (!open || passage.side != routing.active());
        inFlight.leave(passage);
        settle(passage, false);
        if (!again) {
            return Admission.PASS;
        }
        passage.parkedAgain = true;
        return waiting.park(passage);
    }

    /** The client hung up while its request waited. */
    public void gone(Passage passage) {
        assert loop.inLoop();
        waiting.gone(passage);
    }

    /**
     * The upstream accepted a stream: an upgrade, or an event stream. It counts as a stream from now on, not as in flight.
     *
     * @param stream each may be open once at a time; its {@link Stream#close} may be called more than once
     */
    public void streamOpened(Passage passage, Stream stream) {
        assert loop.inLoop();
        inFlight.leave(passage);
        settle(passage, true);
        boolean previewed = passage.preview != null && passage.preview.equals(routing.preview());
        streams.opened(stream, passage.side, previewed);
        boolean held = routing.phase() == Phase.HOLDING || routing.phase() == Phase.DRAINED;
        if (!held && !previewed && passage.side != routing.active()) {
            // It was let through before a flip, or the end of a preview, and may come too late for the others' turn.
            loop.execute(() -> streams.close(stream));
        }
    }

    /** The stream has ended, whoever ended it. */
    public void streamClosed(Stream stream) {
        assert loop.inLoop();
        streams.closed(stream);
    }

    // What follows is for the gate itself.

    void execute(Runnable task) {
        loop.execute(task);
    }

    /** From now on this loop goes by another routing. On the loop. */
    void install(Routing next) {
        assert loop.inLoop();
        if (!Objects.equals(routing.preview(), next.preview())) {
            streams.endPreview();
        }
        routing = next;
        follow(next);
        inFlight.install(next);
    }

    /** Sends a grant to the loop. Any thread, under the queue's lock. */
    void grant(Parked parked) {
        loop.execute(() -> granted(parked));
    }

    /** Sends a refusal to the loop. Any thread, under the queue's lock. */
    void shed(Parked parked, ShedReason reason, int retryAfterSeconds) {
        loop.execute(() -> waiting.shed(parked, reason, retryAfterSeconds));
    }

    /** The counts of this moment. On the loop. */
    LoopCounts counts() {
        assert loop.inLoop();
        LoopCounts copy = counts.copy();
        Passage oldest = inFlight.oldestWrite();
        copy.oldestWriteMillis = oldest == null ? 0 : oldest.owner().describe().ageMillis();
        return copy;
    }

    /** What is in flight and what waits here. On the loop. */
    void describe(Consumer<RequestInfo> to) {
        assert loop.inLoop();
        inFlight.forEach(passage -> to.accept(describe(passage, "in_flight", passage.side)));
        waiting.forEach((passage, millis) ->
                to.accept(describe(passage, "waiting", null).aged(millis)));
    }

    /** Closes a share of the streams on the upstream that is not active; see {@link LoopStreams#closeFormer}. */
    void closeFormer(int turn, int turns) {
        assert loop.inLoop();
        streams.closeFormer(routing.active(), turn, turns);
    }

    private void granted(Parked parked) {
        assert loop.inLoop();
        if (!waiting.granted(parked)) {
            return;
        }
        inFlight.enter(parked.passage, routing.active());
        parked.passage.owner().granted();
    }

    /** Gives back the slot of a release, if it has one. */
    private void settle(Passage passage, boolean well) {
        int release = passage.release;
        if (release != 0) {
            passage.release = 0;
            queue.ended(release, well);
        }
    }

    private RequestInfo describe(Passage passage, String where, @Nullable Side side) {
        return passage.owner().describe().at(index + "-" + passage.number, where, side, passage.bytes);
    }

    /** In a dry rehearsal it would wait, and in truth it passes. */
    private boolean isOnlyRehearsed(Passage passage) {
        LoopRehearsal dry = rehearsal;
        if (dry == null || !open) {
            return false;
        }
        dry.passes(this, passage);
        return true;
    }

    /** A rehearsal begins on this loop. It is over when the gate is not open any more, unless it is a real one. */
    void rehearse(LoopRehearsal begins) {
        assert loop.inLoop();
        inFlight.rehearse(begins);
        rehearsal = begins.isDry() ? begins : null;
        follow(routing);
    }

    /** It is over. */
    void rehearsed(LoopRehearsal ends) {
        assert loop.inLoop();
        inFlight.rehearsed(ends);
        rehearsal = null;
        follow(routing);
    }

    private void follow(Routing next) {
        open = next.phase() == Phase.OPEN;
        preview = open ? next.preview() : null;
        if (!open) {
            rehearsal = null;
        }
        concerned = Concern.of(next) | (rehearsal == null ? 0 : Concern.ofHold());
    }
}
