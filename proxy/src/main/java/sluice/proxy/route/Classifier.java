package sluice.proxy.route;

import java.nio.charset.StandardCharsets;
import sluice.proxy.config.ProxyConfig.Preset;

/**
 * Gives a request its class and service from the bytes of its head. Allocates nothing; immutable, so every event loop
 * may use the same one.
 *
 * <p>A stream is a request with a safe method only: a WebSocket handshake is a GET (RFC 6455, section 4.1), and so is an
 * event source. A POST that merely carries {@code Upgrade} or {@code Accept: text/event-stream} stays a write, else it
 * could slip past the count of writes in flight.
 */
public final class Classifier {
    private static final Route[][] ROUTES = routes();

    private static final byte[] OPTIONS = ascii("OPTIONS");
    private static final byte[] STREAMING = ascii("/api/v1/streaming");
    private static final byte[] STREAMING_HEALTH = ascii("/api/v1/streaming/health");
    private static final byte[] INBOX = ascii("/inbox");
    private static final byte[] ACTOR_INBOX = ascii("/actor/inbox");
    private static final byte[] USERS = ascii("/users/");
    private static final byte[] AP_USERS = ascii("/ap/users/");
    private static final byte[] MEDIA_V1 = ascii("/api/v1/media");
    private static final byte[] MEDIA_V2 = ascii("/api/v2/media");

    private final boolean mastodon;

    /** @param preset which rules count; {@code PLAIN} knows methods, upgrades and event streams only */
    public Classifier(Preset preset) {
        this.mastodon = preset == Preset.MASTODON;
    }

    /**
     * Classifies a request.
     *
     * @param head the bytes of its head
     * @param methodStart the first byte of the method
     * @param methodEnd one past its last byte
     * @param pathStart the first byte of the request target's path
     * @param pathEnd one past its last byte; a query that is still inside does not count
     * @param upgrade whether it asks for an upgrade of the protocol
     * @param eventStream whether it accepts {@code text/event-stream}
     * @return one of a fixed set of routes
     */
    public Route classify(
            byte[] head,
            int methodStart,
            int methodEnd,
            int pathStart,
            int pathEnd,
            boolean upgrade,
            boolean eventStream) {
        int end = withoutQuery(head, pathStart, pathEnd);
        boolean safe = isSafe(head, methodStart, methodEnd);
        boolean streaming = mastodon && isUnder(head, pathStart, end, STREAMING);
        Service service = streaming ? Service.STREAMING : Service.WEB;
        if (safe) {
            boolean stream = upgrade || eventStream || (streaming && !is(head, pathStart, end, STREAMING_HEALTH));
            return route(stream ? RequestClass.STREAM : RequestClass.READ, service);
        }
        if (mastodon && isPost(head, methodStart, methodEnd)) {
            if (isInbox(head, pathStart, end)) {
                return route(RequestClass.INBOX, service);
            }
            if (is(head, pathStart, end, MEDIA_V1) || is(head, pathStart, end, MEDIA_V2)) {
                return route(RequestClass.MEDIA, service);
            }
        }
        return route(RequestClass.WRITE, service);
    }

    private static boolean isInbox(byte[] head, int start, int end) {
        return is(head, start, end, INBOX)
                || is(head, start, end, ACTOR_INBOX)
                || isInboxOfOne(head, start, end, USERS)
                || isInboxOfOne(head, start, end, AP_USERS);
    }

    /** {@code <prefix>*}{@code /inbox} with exactly one segment, which is not empty, in between. */
    private static boolean isInboxOfOne(byte[] head, int start, int end, byte[] prefix) {
        int nameStart = start + prefix.length;
        int nameEnd = end - INBOX.length;
        if (nameEnd <= nameStart || !startsWith(head, start, end, prefix) || !is(head, nameEnd, end, INBOX)) {
            return false;
        }
        for (int i = nameStart; i < nameEnd; i++) {
            if (head[i] == '/') {
                return false;
            }
        }
        return true;
    }

    private static boolean isSafe(byte[] head, int start, int end) {
        return switch (end - start) {
            case 3 -> head[start] == 'G' && head[start + 1] == 'E' && head[start + 2] == 'T';
            case 4 -> head[start] == 'H' && head[start + 1] == 'E' && head[start + 2] == 'A' && head[start + 3] == 'D';
            case 7 -> is(head, start, end, OPTIONS);
            default -> false;
        };
    }

    private static boolean isPost(byte[] head, int start, int end) {
        return end - start == 4
                && head[start] == 'P'
                && head[start + 1] == 'O'
                && head[start + 2] == 'S'
                && head[start + 3] == 'T';
    }

    private static int withoutQuery(byte[] head, int start, int end) {
        for (int i = start; i < end; i++) {
            if (head[i] == '?') {
                return i;
            }
        }
        return end;
    }

    /** The path itself, or something below it: {@code /a} and {@code /a/b}, not {@code /ab}. */
    private static boolean isUnder(byte[] head, int start, int end, byte[] path) {
        return startsWith(head, start, end, path) && (end - start == path.length || head[start + path.length] == '/');
    }

    private static boolean is(byte[] head, int start, int end, byte[] path) {
        return end - start == path.length && startsWith(head, start, end, path);
    }

    private static boolean startsWith(byte[] head, int start, int end, byte[] prefix) {
        if (end - start < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (head[start + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static Route route(RequestClass requestClass, Service service) {
        return ROUTES[requestClass.ordinal()][service.ordinal()];
    }

    private static Route[][] routes() {
        RequestClass[] classes = RequestClass.values();
        Service[] services = Service.values();
        Route[][] all = new Route[classes.length][services.length];
        for (RequestClass requestClass : classes) {
            for (Service service : services) {
                all[requestClass.ordinal()][service.ordinal()] = new Route(requestClass, service);
            }
        }
        return all;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
