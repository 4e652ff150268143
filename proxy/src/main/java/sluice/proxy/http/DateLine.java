package sluice.proxy.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import sluice.proxy.files.HttpDate;

/**
 * The {@code Date} of answers that have none (RFC 9110 section 6.6.1): of our own, and of those that are passed on, since Puma sends none.
 * Made once a second; for any thread.
 */
final class DateLine {
    private final InstantSource clock;
    private volatile Made made;

    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Made(long second, String text, byte[] line, AsciiString value) {
        static Made of(long second) {
            String date = HttpDate.of(second);
            String line = "Date: " + date + "\r\n";
            return new Made(second, line, line.getBytes(StandardCharsets.US_ASCII), new AsciiString(date));
        }
    }

    DateLine(InstantSource clock) {
        this.clock = clock;
        this.made = Made.of(second());
    }

    private long second() {
        return Math.floorDiv(clock.millis(), 1000L);
    }

    private Made now() {
        long second = second();
        Made last = made;
        if (last.second != second) {
            // Whoever makes it at the same time makes the same.
            last = Made.of(second);
            made = last;
        }
        return last;
    }

    /** The line with its CRLF. */
    String text() {
        return now().text;
    }

    /** As {@link #text}, in bytes that must not be changed. */
    byte[] line() {
        return now().line;
    }

    /** The date alone. */
    AsciiString value() {
        return now().value;
    }
}
