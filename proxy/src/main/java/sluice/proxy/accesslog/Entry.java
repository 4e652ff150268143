package sluice.proxy.accesslog;

import org.jspecify.annotations.Nullable;

/**
 * What one line says. An event loop has one and fills it anew for each request; the arrays stay the caller's and are read before
 * {@link LoopLog#write} returns. Ranges are from (inclusive) to (exclusive), in the head's bytes.
 */
public final class Entry {
    private static final byte[] NOTHING = {};
    /** What stands for something that there was not. */
    static final String NONE = "-";

    byte[] client = NOTHING;
    byte[] head = NOTHING;
    /** Null when the request line could not be read: then the target is the line as it came. */
    @Nullable
    String protocol;

    int methodFrom;
    int methodTo;
    int targetFrom;
    int targetTo;
    int refererFrom;
    int refererTo;
    int agentFrom;
    int agentTo;

    int status;
    long bytes;
    String upstream = NONE;
    String requestClass = NONE;
    long waitMillis;
    /** -1 when no upstream was asked. */
    long upstreamMillis;

    Entry() {}

    /**
     * Another request.
     *
     * @param clientAddress the client's address in ASCII
     * @param headBytes the request's head; the ranges that follow are in it
     */
    public void begin(byte[] clientAddress, byte[] headBytes) {
        client = clientAddress;
        head = headBytes;
        protocol = null;
        methodFrom = 0;
        methodTo = 0;
        targetFrom = 0;
        targetTo = 0;
        refererFrom = -1;
        agentFrom = -1;
        upstream = NONE;
        requestClass = NONE;
        waitMillis = 0;
        upstreamMillis = -1;
    }

    /** A request line that could not be read, as far as it came. */
    public void line(int from, int to) {
        targetFrom = from;
        targetTo = to;
    }

    /** A request line: method, target as the client sent it, and {@code HTTP/1.1} or the like. */
    public void line(int methodStart, int methodEnd, int targetStart, int targetEnd, String version) {
        methodFrom = methodStart;
        methodTo = methodEnd;
        targetFrom = targetStart;
        targetTo = targetEnd;
        protocol = version;
    }

    /** The Referer field's value, if there is one. */
    public void referer(int from, int to) {
        refererFrom = from;
        refererTo = to;
    }

    /** The User-Agent field's value, if there is one. */
    public void userAgent(int from, int to) {
        agentFrom = from;
        agentTo = to;
    }

    /**
     * The answer.
     *
     * @param bodyBytes what was written to the client behind the answer's head
     */
    public void answer(int statusCode, long bodyBytes) {
        status = statusCode;
        bytes = bodyBytes;
    }

    /**
     * The class of the request, and how long it waited at the gate.
     *
     * @param label such as {@code inbox}
     */
    public void gate(String label, long waitedMillis) {
        requestClass = label;
        waitMillis = waitedMillis;
    }

    /**
     * The upstream that was asked.
     *
     * @param label {@code old} or {@code new}
     * @param millis from when the request was let through to the end of its answer
     */
    public void upstream(String label, long millis) {
        upstream = label;
        upstreamMillis = millis;
    }
}
