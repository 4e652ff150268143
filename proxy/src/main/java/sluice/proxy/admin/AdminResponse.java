package sluice.proxy.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.GateState;

/**
 * An answer.
 *
 * @param headers beyond length and type
 * @param refusal why it was refused, for the audit log; null when it was not
 */
record AdminResponse(
        int status,
        String type,
        String body,
        Map<String, String> headers,
        @Nullable String refusal) {
    AdminResponse {
        headers = Map.copyOf(headers);
    }

    static AdminResponse text(int status, String type, String body) {
        return new AdminResponse(status, type, body, Map.of(), null);
    }

    static AdminResponse json(int status, JsonNode body) {
        return text(status, "application/json", body + "\n");
    }

    static AdminResponse state(int status, GateState state, Sources sources) {
        String body = StateJson.of(state, sources) + "\n";
        return new AdminResponse(status, "application/json", body, Map.of("ETag", "\"" + state.epoch() + "\""), null);
    }

    /** RFC 9457. */
    static AdminResponse problem(int status, String title, String detail) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("title", title).put("status", status).put("detail", detail);
        return new AdminResponse(
                status, "application/problem+json", body + "\n", Map.of(), status + " " + title + ": " + detail);
    }

    AdminResponse with(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new AdminResponse(status, type, body, all, refusal);
    }
}
