package sluice.proxy.metrics;

/**
 * One event loop's counters: plain fields, written by that loop only. A scrape copies them on the loop and adds the
 * copies up elsewhere. Upstreams and classes are small numbers here; the page knows their names.
 */
public final class LoopMetrics {
    /** The protocols of {@code sluice_connections}. */
    public enum Protocol {
        HTTP1,
        WEBSOCKET
    }

    /** A response has ended. {@code nanos} is the upstream's time: waiting at the gate is excluded. */
    public void request(int upstream, int requestClass, int status, long nanos) {}

    public void connectionOpened(Protocol protocol) {}

    public void connectionClosed(Protocol protocol) {}

    /** Upstream connections: {@code active} carry a request, idle ones are in the pool. */
    public void upstreamConnections(int upstream, int activeDelta, int idleDelta) {}
}
