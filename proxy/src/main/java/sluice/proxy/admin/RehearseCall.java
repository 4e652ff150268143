package sluice.proxy.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.RehearsalCommand;

/** {@code POST /v1/rehearse}: answers when the rehearsal is over, with numbers and with a sentence. */
final class RehearseCall {
    private static final Duration LASTS = Duration.ofSeconds(5);

    private final Gate gate;
    private final Sources sources;

    RehearseCall(Gate gate, Sources sources) {
        this.gate = gate;
        this.sources = sources;
    }

    CompletionStage<AdminResponse> call(AdminRequest request) {
        request.allow("POST");
        Parameters given = request.parameters();
        given.allow("for", "real");
        RehearsalCommand command = new RehearsalCommand(given.duration("for", LASTS), given.flag("real"));
        return gate.rehearse(command, request.epoch(), request.from())
                .thenCompose(report -> gate.state().thenApply(state -> {
                    // A real one has changed the state, so its answer has it as every change's has.
                    ObjectNode body = RehearsalJson.of(report);
                    body.set("state", StateJson.of(state, sources));
                    return AdminResponse.json(200, body).with("ETag", "\"" + state.epoch() + "\"");
                }));
    }
}
