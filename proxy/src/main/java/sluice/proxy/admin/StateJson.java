package sluice.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.RequestInfo;
import sluice.proxy.gate.Tally;
import sluice.proxy.route.Hold;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Side;

/** The JSON of the contract. */
final class StateJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private StateJson() {}

    static ObjectNode of(GateState state, Sources sources) {
        Routing routing = state.routing();
        ObjectNode root = JSON.objectNode();
        root.put("epoch", routing.epoch()).put("active", routing.active().label());
        ObjectNode gate = root.putObject("gate");
        gate.put("phase", routing.phase().label());
        gate.put("arrivals", routing.arrivals().label());
        gate.set("hold", hold(routing));
        gate.put("waiting", state.waiting());
        gate.put("waiting_bytes", state.waitingBytes());
        gate.put("oldest_ms", TimeUnit.NANOSECONDS.toMillis(state.oldestNanos()));
        gate.put("writes_in_flight", state.writesInFlight());
        gate.put("oldest_write_ms", state.oldestWriteMillis());
        gate.put("unknown", state.unknown());
        gate.set("closing", closing(state.closing()));
        ObjectNode upstreams = root.putObject("upstreams");
        for (Side side : Side.values()) {
            GateState.OnSide on = Objects.requireNonNull(state.sides().get(side));
            upstreams
                    .putObject(side.label())
                    .put("healthy", sources.healthy(side))
                    .put("in_flight", on.inFlight())
                    .put("streams", on.streams());
        }
        root.set("preview", preview(routing));
        Tally tally = state.tally();
        root.putObject("totals")
                .put("parked", tally.parkedTotal())
                .put("released", tally.releasedTotal())
                .put("shed", tally.shedTotal())
                .put("gone", tally.goneTotal())
                .put("stale_writes", state.staleWrites());
        if (!state.trouble().isEmpty()) {
            root.put("trouble", state.trouble());
        }
        return root;
    }

    /** A routing alone, as an event shows what was and what is. */
    static ObjectNode routing(Routing routing) {
        ObjectNode node = JSON.objectNode()
                .put("epoch", routing.epoch())
                .put("active", routing.active().label())
                .put("phase", routing.phase().label())
                .put("arrivals", routing.arrivals().label());
        node.set("hold", hold(routing));
        node.set("preview", preview(routing));
        return node;
    }

    private static @Nullable ObjectNode preview(Routing routing) {
        Preview preview = routing.preview();
        if (preview == null) {
            return null;
        }
        ObjectNode node = JSON.objectNode().put("upstream", preview.side().label());
        if (preview.cookie() != null) {
            node.put("cookie", preview.cookie());
        }
        if (preview.header() != null) {
            node.put("header", preview.header());
        }
        if (preview.network() != null) {
            node.put("network", preview.network().toString());
        }
        return node.put("in_force", routing.phase() == Phase.OPEN);
    }

    static ObjectNode of(List<RequestInfo> requests) {
        ObjectNode root = JSON.objectNode();
        ArrayNode all = root.putArray("requests");
        for (RequestInfo request : requests) {
            Side side = request.side();
            all.addObject()
                    .put("id", request.id())
                    .put("where", request.where())
                    .put("class", request.requestClass().label())
                    .put("method", request.method())
                    .put("path", request.path())
                    .put("upstream", side == null ? null : side.label())
                    .put("age_ms", request.ageMillis())
                    .put("bytes", request.bytes());
        }
        return root;
    }

    private static @Nullable ObjectNode closing(GateState.@Nullable Closing closing) {
        return closing == null
                ? null
                : JSON.objectNode()
                        .put("left", closing.left())
                        .put("total", closing.total())
                        .put("ms_left", closing.millisLeft());
    }

    /** A release ends its hold: none is shown then, although it comes back when the first request fails. */
    private static @Nullable ObjectNode hold(Routing routing) {
        Hold hold = routing.hold();
        if (hold == null || routing.phase() == Phase.RELEASING) {
            return null;
        }
        return JSON.objectNode()
                .put("id", hold.id())
                .put("owner", hold.owner())
                .put("since", hold.since().toString())
                .put("ttl_ms", hold.ttl().toMillis())
                .put("expires", hold.expires().toString())
                .put("expiry", hold.expiry().label())
                .put("scope", hold.scope().label());
    }
}
