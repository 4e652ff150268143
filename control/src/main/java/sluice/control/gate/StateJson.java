package sluice.control.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the state as the admin interface prints it, and its errors. What is missing is an error, never a zero. */
final class StateJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private StateJson() {}

    /**
     * Reads {@code GET /v1/state}; fields that are not needed here may be there or not.
     *
     * @throws IllegalArgumentException saying what is missing or of the wrong kind
     */
    static GateState parse(String text) {
        JsonNode state;
        try {
            state = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the state is no JSON: " + e.getOriginalMessage(), e);
        }
        JsonNode gate = need(state, "gate");
        JsonNode totals = need(state, "totals");
        return new GateState(
                number(state, "epoch"),
                text(state, "active"),
                text(gate, "phase"),
                text(gate, "arrivals"),
                hold(need(gate, "hold")),
                Math.toIntExact(number(gate, "waiting")),
                number(gate, "oldest_ms"),
                Math.toIntExact(number(gate, "writes_in_flight")),
                number(gate, "oldest_write_ms"),
                Math.toIntExact(number(gate, "unknown")),
                healthy(need(state, "upstreams")),
                preview(need(state, "preview")),
                new GateState.Totals(
                        number(totals, "parked"),
                        number(totals, "released"),
                        number(totals, "shed"),
                        number(totals, "gone"),
                        number(totals, "stale_writes")));
    }

    /** What an {@code application/problem+json} says, in one line; or the text itself when it is none. */
    static String problem(String text) {
        try {
            JsonNode problem = JSON.readTree(text);
            String title = problem.path("title").asText("");
            String detail = problem.path("detail").asText("");
            if (!title.isEmpty() || !detail.isEmpty()) {
                return title + (title.isEmpty() || detail.isEmpty() ? "" : ": ") + detail;
            }
        } catch (JsonProcessingException e) {
            // Something in between answered; its own words are the best there is.
        }
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > 300 ? line.substring(0, 300) + "…" : line;
    }

    private static GateState.@Nullable Hold hold(JsonNode hold) {
        return hold.isNull()
                ? null
                : new GateState.Hold(
                        text(hold, "id"), text(hold, "owner"), number(hold, "ttl_ms"), text(hold, "expiry"));
    }

    private static @Nullable String preview(JsonNode preview) {
        return preview.isNull() ? null : text(preview, "upstream");
    }

    private static Map<String, Boolean> healthy(JsonNode upstreams) {
        Map<String, Boolean> healthy = new HashMap<>();
        upstreams.fieldNames().forEachRemaining(name -> {
            JsonNode value = need(upstreams.get(name), "healthy");
            if (!value.isBoolean()) {
                throw new IllegalArgumentException("the state's healthy is not true or false but " + value);
            }
            healthy.put(name, value.booleanValue());
        });
        return Map.copyOf(healthy);
    }

    private static long number(JsonNode node, String key) {
        JsonNode value = need(node, key);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("the state's " + key + " is no whole number but " + value);
        }
        return value.longValue();
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = need(node, key);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("the state's " + key + " is no text but " + value);
        }
        return value.textValue();
    }

    private static JsonNode need(JsonNode node, String key) {
        JsonNode value = node.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the state has no " + key);
        }
        return value;
    }
}
