package sluice.proxy.admin;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.RehearsalCommand;

/** {@code POST /v1/rehearse}: answers when the rehearsal is over, with numbers and with a sentence. */
final class RehearseCall {
    private static final Duration LASTS = Duration.ofSeconds(5);

    private final Gate gate;

    RehearseCall(Gate gate) {
        this.gate = gate;
    }

    CompletionStage<AdminResponse> call(AdminRequest request) {
        request.allow("POST");
        Parameters given = request.parameters();
        given.allow("for", "real");
        RehearsalCommand command = new RehearsalCommand(given.duration("for", LASTS), given.flag("real"));
        return gate.rehearse(command, request.epoch(), request.from())
                .thenApply(report -> AdminResponse.json(200, RehearsalJson.of(report)));
    }
}
