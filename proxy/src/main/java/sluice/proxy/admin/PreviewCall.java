package sluice.proxy.admin;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.Network;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.GateState;
import sluice.proxy.route.Preview;
import sluice.proxy.route.Side;

/**
 * {@code PUT /v1/preview} and {@code DELETE /v1/preview}. Deleting what is not there is done already. Writes of chosen clients go
 * to the previewed side too: with a standby there they fail, and that is what a preview shows.
 */
final class PreviewCall {
    private final Gate gate;

    PreviewCall(Gate gate) {
        this.gate = gate;
    }

    CompletionStage<GateState> call(AdminRequest request) {
        request.allow("PUT", "DELETE");
        if (request.method().equals("DELETE")) {
            request.parameters().allow();
            return gate.preview(null, request.epoch(), request.from());
        }
        return gate.preview(preview(request.parameters()), request.epoch(), request.from());
    }

    private static Preview preview(Parameters given) {
        given.allow("upstream", "cookie", "header", "network");
        Side side = given.choice("upstream", Side.class);
        if (side == null) {
            throw Problem.invalid("upstream: old or new; it is missing");
        }
        Network network = network(given.text("network"));
        try {
            return new Preview(side, given.text("cookie"), given.text("header"), network);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable Network network(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return Network.parse(text);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid("network: such as 203.0.113.0/24 or 2001:db8::/32; " + e.getMessage());
        }
    }
}
