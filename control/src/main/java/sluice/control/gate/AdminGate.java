package sluice.control.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.control.site.Site;

/**
 * A proxy through its admin HTTP, over its unix socket or over TCP with a token. One connection, opened ahead of time
 * and kept; every call is bounded and tried once. Threads take turns.
 */
public final class AdminGate implements Gate {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    /** Of an answer, beyond what the call itself asks to wait for. The slowest transition is a few fsyncs. */
    private static final Duration ANSWER = Duration.ofSeconds(5);
    /** A release answers when the queue of the parked is empty. */
    private static final Duration RELEASE = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Site.Gate site;
    private final SocketAddress address;
    private final String hostHeader;
    private final HttpCall http;
    private @Nullable String token;

    public AdminGate(Site.Gate site) {
        this.site = site;
        if (site.admin().startsWith("unix:")) {
            address = UnixDomainSocketAddress.of(site.admin().substring("unix:".length()));
            hostHeader = "sluice";
        } else {
            URI uri = URI.create(site.admin());
            address = new InetSocketAddress(uri.getHost().replaceAll("[\\[\\]]", ""), uri.getPort());
            hostHeader = uri.getAuthority();
        }
        http = new HttpCall(address);
    }

    @Override
    public String name() {
        return "proxy " + site.admin();
    }

    @Override
    public synchronized void open() throws GateException {
        connect("reached");
        try {
            // What a change needs is loaded now, not when the first one is made: that one begins the hold.
            request("POST", "/v1/hold", 0L, Map.of("wait", millis(CONNECT), "drained", true));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a text and a boolean could not be written as JSON", e);
        }
    }

    @Override
    public GateState state() throws GateException {
        return call("asked for its state", "GET", "/v1/state", null, Map.of(), ANSWER);
    }

    @Override
    public GateState hold(long epoch, Duration ttl, String expiry, Duration wait, String owner) throws GateException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("ttl", millis(ttl));
        body.put("expiry", expiry);
        body.put("scope", "writes");
        body.put("wait", millis(wait));
        body.put("owner", owner);
        return call("told to hold", "POST", "/v1/hold", epoch, body, wait.plus(ANSWER));
    }

    @Override
    public GateState change(long epoch, String holdId, @Nullable Duration ttl, @Nullable String expiry)
            throws GateException {
        Map<String, Object> body = new LinkedHashMap<>();
        if (ttl != null) {
            body.put("ttl", millis(ttl));
        }
        if (expiry != null) {
            body.put("expiry", expiry);
        }
        String path = "/v1/hold/" + URLEncoder.encode(holdId, StandardCharsets.UTF_8);
        return call("told to change its hold " + holdId, "PATCH", path, epoch, body, ANSWER);
    }

    @Override
    public GateState flip(long epoch, String to, boolean drained) throws GateException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("to", to);
        if (drained) {
            body.put("drained", true);
        }
        return call("told to flip to " + to, "POST", "/v1/flip", epoch, body, ANSWER);
    }

    @Override
    public GateState release(long epoch, @Nullable String holdId, @Nullable String to) throws GateException {
        Map<String, Object> body = new LinkedHashMap<>();
        if (holdId != null) {
            body.put("hold", holdId);
        }
        if (to != null) {
            body.put("to", to);
        }
        return call("told to release", "POST", "/v1/release", epoch, body, RELEASE);
    }

    /** What is in flight, waits, or is unknown: the list as the proxy prints it. */
    public JsonNode requests() throws GateException {
        return json("asked for its requests", "GET", "/v1/requests", null, Map.of(), ANSWER)
                .path("requests");
    }

    /**
     * Sends chosen requests to the side that is not active. A mark that is null does not count; one is needed.
     *
     * @return the preview as the proxy prints it
     */
    public JsonNode preview(
            long epoch, String side, @Nullable String cookie, @Nullable String header, @Nullable String network)
            throws GateException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("upstream", side);
        put(body, "cookie", cookie);
        put(body, "header", header);
        put(body, "network", network);
        return json("told to preview " + side, "PUT", "/v1/preview", epoch, body, ANSWER)
                .path("preview");
    }

    /** Ends the preview, if there is one. */
    public void endPreview(long epoch) throws GateException {
        json("told to end its preview", "DELETE", "/v1/preview", epoch, Map.of(), ANSWER);
    }

    /**
     * Rehearses a hold; blocks until it is over.
     *
     * @param real whether it holds in earnest
     * @return what it saw, as the proxy prints it
     */
    public JsonNode rehearse(long epoch, Duration lasts, boolean real) throws GateException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("for", millis(lasts));
        body.put("real", real);
        return json(
                "told to rehearse",
                "POST",
                "/v1/rehearse",
                epoch,
                body,
                lasts.plus(RELEASE).plus(ANSWER));
    }

    /** Follows its events on a connection of its own, and blocks until the proxy ends it. */
    public void follow(EventFeed.Listener listener) throws GateException {
        try {
            EventFeed.follow(address, hostHeader, token(), listener);
        } catch (IOException e) {
            throw new GateException(0, name() + " was asked for its events: " + e.getMessage());
        }
    }

    private static void put(Map<String, Object> body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    @Override
    public synchronized void close() {
        http.close();
    }

    private GateState call(
            String what, String method, String path, @Nullable Long epoch, Map<String, Object> body, Duration bound)
            throws GateException {
        try {
            return StateJson.parse(exchange(what, method, path, epoch, body, bound));
        } catch (IllegalArgumentException e) {
            throw new GateException(
                    0, name() + " was " + what + " and answered something else than its state: " + e.getMessage());
        }
    }

    private JsonNode json(
            String what, String method, String path, @Nullable Long epoch, Map<String, Object> body, Duration bound)
            throws GateException {
        try {
            return JSON.readTree(exchange(what, method, path, epoch, body, bound));
        } catch (JsonProcessingException e) {
            throw new GateException(
                    0, name() + " was " + what + " and did not answer with JSON: " + e.getOriginalMessage());
        }
    }

    private synchronized String exchange(
            String what, String method, String path, @Nullable Long epoch, Map<String, Object> body, Duration bound)
            throws GateException {
        connect(what);
        HttpCall.Response response;
        try {
            response = http.exchange(request(method, path, epoch, body), bound);
        } catch (IOException e) {
            throw new GateException(
                    0,
                    name() + " was " + what + " and gave no whole answer within " + bound.toMillis() + " ms ("
                            + e.getMessage() + ")"
                            + (epoch == null ? "" : "; whether it did so is not known, its state tells"));
        }
        if (response.status() != 200 && response.status() != 202) {
            throw new GateException(
                    response.status(),
                    name() + " was " + what + " and refused (" + response.status() + "): "
                            + StateJson.problem(response.body()));
        }
        return response.body();
    }

    private void connect(String what) throws GateException {
        try {
            token();
            http.connect(CONNECT);
        } catch (IOException e) {
            // Nothing was sent, but to the caller that is no other case than no answer.
            throw new GateException(
                    0, name() + " could not be " + what + ": " + e + "; is it running, and may " + user() + " use it?");
        }
    }

    /** A bare token, or one line {@code NAME TOKEN} as the proxy has it in its own file. */
    private synchronized @Nullable String token() throws IOException {
        if (site.tokenFile() != null && token == null) {
            String[] words = Files.readString(site.tokenFile()).strip().split("\\s+", -1);
            if (words.length > 2) {
                throw new IOException(site.tokenFile() + " has more than one token; give this one a file of its own");
            }
            token = words[words.length - 1];
        }
        return token;
    }

    private static String user() {
        return System.getProperty("user.name", "this account");
    }

    private byte[] request(String method, String path, @Nullable Long epoch, Map<String, Object> body)
            throws JsonProcessingException {
        byte[] content = method.equals("GET") ? new byte[0] : JSON.writeValueAsBytes(body);
        StringBuilder head = new StringBuilder()
                .append(method + " " + path + " HTTP/1.1\r\n")
                .append("Host: " + hostHeader + "\r\n")
                .append("Accept: application/json\r\n");
        if (token != null) {
            head.append("Authorization: Bearer " + token + "\r\n");
        }
        if (epoch != null) {
            head.append("If-Match: \"" + epoch + "\"\r\n");
        }
        if (content.length > 0) {
            head.append("Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n");
        }
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = new byte[start.length + content.length];
        System.arraycopy(start, 0, whole, 0, start.length);
        System.arraycopy(content, 0, whole, start.length, content.length);
        return whole;
    }

    private static String millis(Duration duration) {
        return duration.toMillis() + "ms";
    }
}
