package sluice.proxy.admin;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.proxy.gate.Caller;
import sluice.proxy.gate.ChangeCommand;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.GateException;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.HoldCommand;
import sluice.proxy.gate.ReleaseCommand;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Phase;
import sluice.proxy.route.Scope;
import sluice.proxy.route.Side;

/** The calls of the admin contract, without HTTP. Any thread; nothing blocks. */
final class AdminApi {
    private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);

    private static final String HOLDS = "/v1/hold/";

    private static final Duration TTL = Duration.ofSeconds(20);
    private static final Duration WAIT = Duration.ofSeconds(5);
    /** A release takes as long as its queue; it is bounded by itself well below this. */
    private static final Duration RELEASE_WAIT = Duration.ofSeconds(60);

    private final Gate gate;
    private final PreviewCall preview;
    private final RehearseCall rehearse;
    private final Sources sources;
    private final java.time.InstantSource clock;

    AdminApi(Gate gate, Sources sources, java.time.InstantSource clock) {
        this.gate = gate;
        this.preview = new PreviewCall(gate);
        this.rehearse = new RehearseCall(gate, sources);
        this.sources = sources;
        this.clock = clock;
    }

    /** Whether anybody who reaches the port may call it: it changes nothing and shows no request. */
    static boolean isPublic(String method, String path) {
        return method.equals("GET")
                && switch (path) {
                    case "/v1/state", "/metrics", "/healthz", "/readyz" -> true;
                    default -> false;
                };
    }

    /** Does a call. The answer never fails: whatever goes wrong is a problem. */
    CompletionStage<AdminResponse> call(AdminRequest request) {
        CompletionStage<AdminResponse> answer;
        try {
            answer = route(request);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        return answer.exceptionally(AdminApi::problem)
                .thenApply(response -> audited(request.method(), request.path(), request.from(), response));
    }

    /** Has a refused change written to the audit log; the gate writes those that are made. */
    AdminResponse audited(String method, String target, Caller from, AdminResponse response) {
        String refusal = response.refusal();
        if (refusal != null && !method.equals("GET") && !method.equals("HEAD")) {
            gate.refused(from, method + " " + target, refusal);
        }
        return response;
    }

    private CompletionStage<AdminResponse> route(AdminRequest request) {
        String path = request.path();
        if (path.startsWith(HOLDS) && path.length() > HOLDS.length()) {
            request.allow("PATCH");
            return change(request, path.substring(HOLDS.length()));
        }
        return switch (path) {
            case "/v1/state" -> {
                request.allowGet();
                yield gate.state().thenApply(state -> AdminResponse.state(200, state, sources));
            }
            case "/v1/requests" -> {
                request.allowGet();
                yield gate.requests().thenApply(all -> AdminResponse.json(200, StateJson.of(all)));
            }
            case "/metrics" -> {
                request.allowGet();
                yield gate.state()
                        .thenCombine(
                                sources.metrics(),
                                (state, metrics) -> AdminResponse.text(
                                        200,
                                        PrometheusTextFormatWriter.CONTENT_TYPE,
                                        MetricsPage.render(state, metrics, sources.certificates(), clock.instant())));
            }
            case "/healthz" -> {
                request.allowGet();
                yield CompletableFuture.completedFuture(AdminResponse.text(200, "text/plain", "ok\n"));
            }
            case "/readyz" -> {
                request.allowGet();
                yield gate.state().thenApply(AdminApi::ready);
            }
            case "/v1/hold" -> {
                request.allow("POST");
                yield hold(request);
            }
            case "/v1/flip" -> {
                request.allow("POST");
                yield flip(request);
            }
            case "/v1/release" -> {
                request.allow("POST");
                yield release(request);
            }
            case "/v1/preview" -> preview.call(request).thenApply(state -> answer(state, true));
            case "/v1/rehearse" -> rehearse.call(request);
            default -> throw new Problem(404, "not found", "there is no " + path);
        };
    }

    private CompletionStage<AdminResponse> hold(AdminRequest request) {
        Parameters given = request.parameters();
        given.allow("ttl", "expiry", "scope", "wait", "owner");
        String owner = given.text("owner", request.from().who());
        HoldCommand command = new HoldCommand(
                given.duration("ttl", TTL),
                given.choice("expiry", Expiry.class, Expiry.OPEN),
                given.choice("scope", Scope.class, Scope.WRITES),
                given.duration("wait", WAIT),
                owner);
        return gate.hold(command, request.epoch(), request.from())
                .thenApply(state -> answer(state, state.routing().phase() == Phase.DRAINED));
    }

    private CompletionStage<AdminResponse> change(AdminRequest request, String id) {
        Parameters given = request.parameters();
        given.allow("ttl", "expiry", "scope", "accept_unknown");
        List<String> accepted = given.texts("accept_unknown");
        ChangeCommand command = new ChangeCommand(
                id,
                given.duration("ttl"),
                given.choice("expiry", Expiry.class),
                given.choice("scope", Scope.class),
                accepted);
        return gate.change(command, request.epoch(), request.from()).thenApply(state -> answer(state, true));
    }

    private CompletionStage<AdminResponse> flip(AdminRequest request) {
        Parameters given = request.parameters();
        given.allow("to", "drained");
        Side to = given.choice("to", Side.class);
        if (to == null) {
            throw Problem.invalid("to: old or new; it is missing");
        }
        return gate.flip(to, given.flag("drained"), request.epoch(), request.from())
                .thenApply(state -> answer(state, true));
    }

    private CompletionStage<AdminResponse> release(AdminRequest request) {
        Parameters given = request.parameters();
        given.allow("hold", "to", "wait");
        ReleaseCommand command = new ReleaseCommand(
                given.text("hold"), given.choice("to", Side.class), given.duration("wait", RELEASE_WAIT));
        return gate.release(command, request.epoch(), request.from())
                .thenApply(state -> answer(state, state.routing().phase() == Phase.OPEN));
    }

    private AdminResponse answer(GateState state, boolean complete) {
        return AdminResponse.state(complete ? 200 : 202, state, sources);
    }

    private static AdminResponse ready(GateState state) {
        return state.trouble().isEmpty()
                ? AdminResponse.text(200, "text/plain", "ready\n")
                : AdminResponse.problem(503, "not ready", state.trouble());
    }

    private static AdminResponse problem(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof Problem problem) {
            return problem.response();
        }
        if (cause instanceof GateException refused) {
            String detail = refused.getMessage() == null ? "" : refused.getMessage();
            return AdminResponse.problem(refused.kind().status(), refused.kind().title(), detail);
        }
        LOG.error("A call failed", cause);
        return AdminResponse.problem(
                500, "it failed", "nobody can say whether it was done, look at the state: " + cause);
    }
}
