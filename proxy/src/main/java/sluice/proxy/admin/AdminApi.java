package sluice.proxy.admin;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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

    private static final Pattern ETAG = Pattern.compile("\"?([0-9]{1,18})\"?");
    private static final String HOLDS = "/v1/hold/";

    private static final Duration TTL = Duration.ofSeconds(20);
    private static final Duration WAIT = Duration.ofSeconds(5);
    /** A release takes as long as its queue; it is bounded by itself well below this. */
    private static final Duration RELEASE_WAIT = Duration.ofSeconds(60);

    private final Gate gate;
    private final Sources sources;
    private final java.time.InstantSource clock;

    AdminApi(Gate gate, Sources sources, java.time.InstantSource clock) {
        this.gate = gate;
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
        return answer.exceptionally(AdminApi::problem);
    }

    private CompletionStage<AdminResponse> route(AdminRequest request) {
        String path = request.path();
        if (path.startsWith(HOLDS) && path.length() > HOLDS.length()) {
            allow(request, "PATCH");
            return change(request, path.substring(HOLDS.length()));
        }
        return switch (path) {
            case "/v1/state" -> {
                get(request);
                yield gate.state().thenApply(state -> AdminResponse.state(200, state, sources));
            }
            case "/v1/requests" -> {
                get(request);
                yield gate.requests().thenApply(all -> AdminResponse.json(200, StateJson.of(all)));
            }
            case "/metrics" -> {
                get(request);
                yield gate.state()
                        .thenCombine(
                                sources.metrics(),
                                (state, metrics) -> AdminResponse.text(
                                        200,
                                        PrometheusTextFormatWriter.CONTENT_TYPE,
                                        MetricsPage.render(state, metrics, sources.certificates(), clock.instant())));
            }
            case "/healthz" -> {
                get(request);
                yield CompletableFuture.completedFuture(AdminResponse.text(200, "text/plain", "ok\n"));
            }
            case "/readyz" -> {
                get(request);
                yield gate.state().thenApply(AdminApi::ready);
            }
            case "/v1/hold" -> {
                allow(request, "POST");
                yield hold(request);
            }
            case "/v1/flip" -> {
                allow(request, "POST");
                yield flip(request);
            }
            case "/v1/release" -> {
                allow(request, "POST");
                yield release(request);
            }
            case "/v1/preview", "/v1/rehearse", "/v1/events" ->
                throw new Problem(404, "not found", "this version has no " + path + " yet");
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
        Caller caller = new Caller(owner, request.from().from());
        return gate.hold(command, epoch(request), caller)
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
        return gate.change(command, epoch(request), request.from()).thenApply(state -> answer(state, true));
    }

    private CompletionStage<AdminResponse> flip(AdminRequest request) {
        Parameters given = request.parameters();
        given.allow("to", "drained");
        Side to = given.choice("to", Side.class);
        if (to == null) {
            throw Problem.invalid("to: old or new; it is missing");
        }
        return gate.flip(to, given.flag("drained"), epoch(request), request.from())
                .thenApply(state -> answer(state, true));
    }

    private CompletionStage<AdminResponse> release(AdminRequest request) {
        Parameters given = request.parameters();
        given.allow("hold", "to", "wait");
        ReleaseCommand command = new ReleaseCommand(
                given.text("hold"), given.choice("to", Side.class), given.duration("wait", RELEASE_WAIT));
        return gate.release(command, epoch(request), request.from())
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

    private static void get(AdminRequest request) {
        allow(request, "GET");
        request.parameters().allow();
    }

    private static void allow(AdminRequest request, String method) {
        if (!request.method().equals(method)) {
            throw new Problem(AdminResponse.problem(
                            405,
                            "method not allowed",
                            request.path() + " takes " + method + ", not " + request.method())
                    .with("Allow", method));
        }
    }

    private static @Nullable Long epoch(AdminRequest request) {
        String ifMatch = request.ifMatch();
        if (ifMatch == null || ifMatch.equals("*")) {
            return null;
        }
        Matcher matcher = ETAG.matcher(ifMatch);
        if (!matcher.matches()) {
            throw Problem.invalid("If-Match: an epoch such as \"7\", not " + ifMatch);
        }
        return Long.valueOf(matcher.group(1));
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
