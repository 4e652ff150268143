package sluice.proxy.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.gate.Change;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.GateState;

/**
 * {@code GET /v1/events}: server-sent events for everybody who listens. Each transition is one, in order, sent when every loop goes
 * by it; the state is one at the start and once a second while somebody listens. Confined to the admin endpoint's event loop.
 *
 * <p>Events are numbered since the start of the process; a state has the number of the last transition that came before it, so a
 * listener who finds a gap between two transitions has missed one. What was before is not sent again.
 */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    static final String PATH = "/v1/events";
    /** More than anybody needs; each costs a connection and a few kilobytes a second. */
    static final int MOST = 32;

    private static final long EVERY_SECONDS = 1;

    /** Somebody who listens. On the admin endpoint's event loop. */
    interface Listener {
        /** One event as text. Never waits: who does not read is cut. */
        void event(String text);

        /** There will be none any more. */
        void end();
    }

    private final Gate gate;
    private final Sources sources;
    private final EventLoop loop;
    private final Set<Listener> listeners = new CopyOnWriteArraySet<>();
    private volatile @Nullable ScheduledFuture<?> heartbeat;
    private boolean asking;
    private boolean over;
    private long number;

    Events(Gate gate, Sources sources, EventLoop loop) {
        this.gate = gate;
        this.sources = sources;
        this.loop = loop;
        gate.watch(change -> onLoop(() -> transition(change)));
    }

    /** Begins with the state. Returns whether there was room. */
    boolean join(Listener listener) {
        assert loop.inEventLoop();
        if (over || listeners.size() >= MOST) {
            return false;
        }
        listeners.add(listener);
        state();
        if (heartbeat == null) {
            heartbeat = loop.scheduleAtFixedRate(this::state, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
        }
        return true;
    }

    /** It has gone; more than once does no harm. */
    void leave(Listener listener) {
        assert loop.inEventLoop();
        listeners.remove(listener);
        ScheduledFuture<?> beats = heartbeat;
        if (listeners.isEmpty() && beats != null) {
            beats.cancel(false);
            heartbeat = null;
        }
    }

    /** Whether anything runs each second. For tests: any thread, a moment old. */
    boolean beats() {
        return heartbeat != null;
    }

    /** How many listen. For tests: any thread, a moment old. */
    int listeners() {
        return listeners.size();
    }

    /** Ends them all. */
    void close() {
        over = true;
        for (Listener listener : listeners) {
            listener.end();
            leave(listener);
        }
    }

    private void transition(Change change) {
        number++;
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("what", change.what())
                .put("who", change.caller().who())
                .put("from", change.caller().from())
                .put("at", change.at().toString());
        node.set("before", StateJson.routing(change.before()));
        node.set("after", StateJson.routing(change.after()));
        send("transition", node);
    }

    /** Asks for the state; not while the last question has no answer, so that a gate that is slow is not asked more and more. */
    private void state() {
        if (asking) {
            return;
        }
        asking = true;
        var unused = gate.state()
                .whenComplete((state, failure) -> onLoop(() -> {
                    asking = false;
                    if (state != null) {
                        send(state);
                    } else {
                        LOG.debug("No state for the listeners", failure);
                    }
                }));
    }

    private void send(GateState state) {
        send("state", StateJson.of(state, sources));
    }

    private void send(String kind, ObjectNode data) {
        // JSON has no line breaks of its own, and those in texts are escaped: it is always one data line.
        String text = "event: " + kind + "\nid: " + number + "\ndata: " + data + "\n\n";
        for (Listener listener : listeners) {
            listener.event(text);
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The admin endpoint has closed", e);
        }
    }
}
