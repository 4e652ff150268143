package sluice.proxy.metrics;

/**
 * One event loop's counters: plain fields, written by that loop only. A scrape copies them on the loop ({@link #copy}) and
 * adds the copies up elsewhere ({@link #add}). Upstreams and classes are small numbers here, the ordinals of the enums in
 * {@code route}; the page knows their names.
 */
public final class LoopMetrics {
    /** The number of upstreams, {@link #NO_UPSTREAM} included. */
    public static final int UPSTREAMS = 3;
    /** The upstream of an answer that the proxy gave by itself. */
    public static final int NO_UPSTREAM = 2;
    /** The number of request classes. */
    public static final int CLASSES = 5;
    /** The number of status classes: index 1 is 1xx, … index 5 is 5xx, index 0 anything else. */
    public static final int STATUS_CLASSES = 6;

    /** The protocols of {@code sluice_connections}. */
    public enum Protocol {
        HTTP1,
        HTTP2,
        WEBSOCKET,
        /** To another site, as it is. */
        PASSED
    }

    /** Why a client's connection was closed before it got to a request: the reasons of {@code sluice_refused_connections_total}. */
    public enum Refusal {
        /** All connections were in use. */
        FULL,
        /** All that one client address may have were in use. */
        ADDRESS,
        /** It came from elsewhere than a balancer that may speak PROXY protocol. */
        NETWORK,
        /** Its header of PROXY protocol was missing, wrong or late. */
        PROXY_HEADER,
        /** Its first bytes, which say for whom it is, were too many or late. */
        HELLO,
        /** Its TLS handshake failed or took too long. */
        HANDSHAKE,
        /** The other site that it is for could not be reached. */
        OTHER_SITE
    }

    private static final int[] REFUSALS = {408, 413, 414, 417, 421, 431, 501, 503, 505, 400};

    private final long[] requests = new long[UPSTREAMS * CLASSES * STATUS_CLASSES];
    private final Histogram requestSeconds = new Histogram();
    private final int[] connections = new int[Protocol.values().length];
    private final long[] refused = new long[Refusal.values().length];
    private final int[] upstreamActive = new int[UPSTREAMS];
    private final int[] upstreamIdle = new int[UPSTREAMS];
    private final long[] refusedRequests = new long[REFUSALS.length];
    private long accessLogDropped;
    private long accessLogErrors;

    /**
     * A response has ended.
     *
     * @param upstream the side's ordinal, or {@link #NO_UPSTREAM}
     * @param requestClass the class's ordinal
     * @param nanos the upstream's time: waiting at the gate is excluded; without an upstream it counts for nothing
     */
    public void request(int upstream, int requestClass, int status, long nanos) {
        requests[index(upstream, requestClass, statusClass(status))]++;
        if (upstream != NO_UPSTREAM) {
            requestSeconds.record(nanos);
        }
    }

    /**
     * A request was refused before it had a class.
     *
     * @param status one of {@link #refusalStatuses}, else it counts as 400
     */
    public void refusedRequest(int status) {
        int i = 0;
        while (i < REFUSALS.length - 1 && REFUSALS[i] != status) {
            i++;
        }
        refusedRequests[i]++;
    }

    /** How many requests were refused so, by the place of the status in {@link #refusalStatuses}. */
    public long refusedRequests(int place) {
        return refusedRequests[place];
    }

    /** With which statuses requests are refused before they have a class; the last one stands for all others too. */
    public static int[] refusalStatuses() {
        return REFUSALS.clone();
    }

    public void connectionOpened(Protocol protocol) {
        connections[protocol.ordinal()]++;
    }

    public void connectionClosed(Protocol protocol) {
        connections[protocol.ordinal()]--;
    }

    public void refused(Refusal reason) {
        refused[reason.ordinal()]++;
    }

    /** Upstream connections: {@code active} carry a request, idle ones are in the pool. */
    public void upstreamConnections(int upstream, int activeDelta, int idleDelta) {
        upstreamActive[upstream] += activeDelta;
        upstreamIdle[upstream] += idleDelta;
    }

    /** Adds lines of the access log that were dropped, and its writes that failed. */
    public void accessLog(long dropped, long errors) {
        accessLogDropped += dropped;
        accessLogErrors += errors;
    }

    /** Lines of the access log that were dropped. */
    public long accessLogDropped() {
        return accessLogDropped;
    }

    /** Writes to the access log that failed. */
    public long accessLogErrors() {
        return accessLogErrors;
    }

    /** How many responses ended with a status of this class; see {@link #STATUS_CLASSES}. */
    public long requests(int upstream, int requestClass, int statusClass) {
        return requests[index(upstream, requestClass, statusClass)];
    }

    public Histogram requestSeconds() {
        return requestSeconds;
    }

    /** Open client connections. */
    public int connections(Protocol protocol) {
        return connections[protocol.ordinal()];
    }

    /** How many connections were refused for this reason. */
    public long refusals(Refusal reason) {
        return refused[reason.ordinal()];
    }

    public int upstreamActive(int upstream) {
        return upstreamActive[upstream];
    }

    public int upstreamIdle(int upstream) {
        return upstreamIdle[upstream];
    }

    /** A copy for another thread. To be called on the loop. */
    public LoopMetrics copy() {
        LoopMetrics copy = new LoopMetrics();
        copy.add(this);
        return copy;
    }

    /** Adds another loop's counters to these. */
    public void add(LoopMetrics other) {
        for (int i = 0; i < requests.length; i++) {
            requests[i] += other.requests[i];
        }
        requestSeconds.add(other.requestSeconds);
        accessLog(other.accessLogDropped, other.accessLogErrors);
        for (int i = 0; i < connections.length; i++) {
            connections[i] += other.connections[i];
        }
        for (int i = 0; i < refused.length; i++) {
            refused[i] += other.refused[i];
        }
        for (int i = 0; i < refusedRequests.length; i++) {
            refusedRequests[i] += other.refusedRequests[i];
        }
        for (int i = 0; i < UPSTREAMS; i++) {
            upstreamActive[i] += other.upstreamActive[i];
            upstreamIdle[i] += other.upstreamIdle[i];
        }
    }

    /** The label of a status class: {@code 2xx}, or {@code other}. */
    public static String statusLabel(int statusClass) {
        return statusClass == 0 ? "other" : statusClass + "xx";
    }

    private static int statusClass(int status) {
        int statusClass = status / 100;
        return statusClass >= 1 && statusClass < STATUS_CLASSES ? statusClass : 0;
    }

    private static int index(int upstream, int requestClass, int statusClass) {
        return (upstream * CLASSES + requestClass) * STATUS_CLASSES + statusClass;
    }
}
