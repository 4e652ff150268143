package sluice.proxy.http;

import java.util.concurrent.TimeUnit;
import sluice.proxy.accesslog.Entry;
import sluice.proxy.accesslog.LoopLog;
import sluice.proxy.upstream.Octets;

/** Writes an event loop's requests to its access log. Confined to the loop. */
final class RequestLog {
    private static final byte[] REFERER = Octets.of("referer");
    private static final byte[] USER_AGENT = Octets.of("user-agent");

    private final LoopLog log;

    RequestLog(LoopLog log) {
        this.log = log;
    }

    /** Begins a line; the caller adds what else it knows and calls {@link #write}. */
    Entry begin(byte[] client, RequestHead head, boolean http2) {
        Entry entry = log.entry();
        byte[] bytes = head.bytes();
        entry.begin(client, bytes);
        if (head.lineRead()) {
            String version = http2 ? "HTTP/2.0" : head.minor() == 0 ? "HTTP/1.0" : "HTTP/1.1";
            // One space stands behind the method; a target may have a host, which is not part of its path.
            entry.line(head.methodStart(), head.methodEnd(), head.methodEnd() + 1, head.targetEnd(), version);
            int referer = head.find(REFERER, 0);
            if (referer >= 0) {
                entry.referer(head.valueStart(referer), head.valueEnd(referer));
            }
            int agent = head.find(USER_AGENT, 0);
            if (agent >= 0) {
                entry.userAgent(head.valueStart(agent), head.valueEnd(agent));
            }
        } else {
            unread(entry, bytes, head.length());
        }
        return entry;
    }

    /** The first line, as far as it came. */
    private static void unread(Entry entry, byte[] bytes, int length) {
        int from = 0;
        while (from < length && lineEnd(bytes[from])) {
            from++;
        }
        int to = from;
        while (to < length && !lineEnd(bytes[to])) {
            to++;
        }
        entry.line(from, to);
    }

    private static boolean lineEnd(byte b) {
        return b == '\r' || b == '\n';
    }

    void write() {
        log.write();
    }

    /** What was written goes to the file. */
    void flush() {
        log.flush();
    }

    static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(0, nanos));
    }
}
