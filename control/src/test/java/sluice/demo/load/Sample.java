package sluice.demo.load;

import java.time.Duration;

/**
 * One request as its client saw it.
 *
 * @param start when it was started, {@link System#nanoTime()}
 * @param nanos how long it took until the answer was complete, or for a stream until it was open
 * @param status the answer's status, or 0 when there was none
 * @param error why it counts as failed, or null
 */
public record Sample(Kind kind, long start, long nanos, int status, String error) {
    /** What kind of client sent it. */
    public enum Kind {
        READ,
        WRITE,
        STREAM
    }

    /** Anything but the expected 2xx (101 for a WebSocket) counts as failed, 503 with Retry-After too. */
    public boolean failed() {
        return error != null;
    }

    public Duration duration() {
        return Duration.ofNanos(nanos);
    }

    public long end() {
        return start + nanos;
    }
}
