package sluice.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.gate.Caller;
import sluice.proxy.gate.Gate;
import sluice.proxy.gate.ThreadLoop;
import sluice.proxy.gate.Time;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.MemoryDisk;
import sluice.proxy.route.Side;
import sluice.proxy.route.StateFile;

/**
 * Fuzz target: calls of the admin interface, with a real gate on a disk in memory. Each is answered, and never with 500: what is
 * wrong is the caller's to mend, in words; and the gate goes on.
 *
 * <p>Input, lines: method and path with query; If-Match or nothing; the body, which may have more lines. A wait is not waited for:
 * the gate is told to answer at once.
 */
public final class AdminFuzz {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Caller CALLER = new Caller("fuzz", "fuzz");

    private static @Nullable AdminApi api;
    private static @Nullable Gate gate;

    private AdminFuzz() {}

    private static final class NoSources implements Sources {
        @Override
        public boolean healthy(Side side) {
            return true;
        }

        @Override
        public CompletionStage<LoopMetrics> metrics() {
            return CompletableFuture.completedFuture(new LoopMetrics());
        }

        @Override
        public Map<String, Instant> certificates() {
            return Map.of();
        }
    }

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String[] lines = new String(data, StandardCharsets.UTF_8).split("\n", 3);
        int blank = lines[0].indexOf(' ');
        if (lines.length < 3 || blank < 0) {
            return;
        }
        AdminResponse answer = call(lines[0].substring(0, blank), lines[0].substring(blank + 1), lines[1], lines[2]);
        if (answer.status() >= 500) {
            throw new AssertionError(answer.status() + ": " + answer.body());
        }
        if (answer.type().contains("json")) {
            check(answer);
        }
    }

    private static void check(AdminResponse answer) {
        try {
            JsonNode json = JSON.readTree(answer.body());
            if (answer.status() >= 400 && json.path("title").asText().isBlank()) {
                throw new AssertionError("refused, and nobody says why: " + answer.body());
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + answer.body(), e);
        }
    }

    private static AdminResponse call(String method, String target, String ifMatch, String body) {
        AdminRequest request;
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(target);
            request = new AdminRequest(
                    method,
                    decoder.path(),
                    new Parameters(decoder.parameters(), body),
                    ifMatch.isEmpty() ? null : ifMatch,
                    CALLER);
        } catch (Problem e) {
            return e.response();
        } catch (IllegalArgumentException e) {
            // As AdminHandler has it.
            return AdminResponse.problem(400, "not a target", String.valueOf(e.getMessage()));
        }
        CompletableFuture<AdminResponse> answer = api().call(request).toCompletableFuture();
        if (slow(request)) {
            // It would answer when its time is over; what it says if it cannot begin comes at once.
            settle();
            return answer.getNow(AdminResponse.text(200, "text/plain", ""));
        }
        return answer.join();
    }

    private static boolean slow(AdminRequest request) {
        return request.path().equals("/v1/rehearse") || request.path().equals("/v1/release");
    }

    /** A call behind it has been answered. */
    private static void settle() {
        Gate is = gate;
        if (is != null) {
            is.state().toCompletableFuture().join();
        }
    }

    private static AdminApi api() {
        AdminApi is = api;
        if (is == null) {
            try {
                gate = Gate.open(
                        ProxyConfig.Gate.DEFAULT,
                        Side.OLD,
                        new StateFile(new MemoryDisk()),
                        Executors.newSingleThreadScheduledExecutor(task -> {
                            Thread thread = new Thread(task, "switchboard");
                            thread.setDaemon(true);
                            return thread;
                        }),
                        Time.system(),
                        List.of(new ThreadLoop()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            is = new AdminApi(gate, new NoSources(), InstantSource.system());
            api = is;
        }
        return is;
    }
}
