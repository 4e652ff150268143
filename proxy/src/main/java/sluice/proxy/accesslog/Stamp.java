package sluice.proxy.accesslog;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The time as text, made anew once a second only. One thread at a time. */
final class Stamp {
    /** As nginx has $time_local. */
    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss xx", Locale.ENGLISH);

    private static final DateTimeFormatter RFC3339 =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ENGLISH);
    private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xxx", Locale.ENGLISH);

    private final Clock clock;
    private long second = Long.MIN_VALUE;
    private int millis;
    private String local = "";
    private String date = "";
    private String offset = "";

    Stamp(Clock clock) {
        this.clock = clock;
    }

    /** Looks at the clock. */
    void now() {
        long now = clock.millis();
        millis = (int) Math.floorMod(now, 1000L);
        long s = Math.floorDiv(now, 1000L);
        if (s != second) {
            second = s;
            ZoneId zone = clock.getZone();
            Instant instant = Instant.ofEpochSecond(s);
            local = LOCAL.withZone(zone).format(instant);
            date = RFC3339.withZone(zone).format(instant);
            offset = OFFSET.withZone(zone).format(instant);
        }
    }

    /** {@code 24/Nov/2026:00:54:37 +0000}. */
    void local(LineBuffer out) {
        out.put(local);
    }

    /** RFC 3339, with milliseconds. */
    void precise(LineBuffer out) {
        out.put(date).put('.');
        out.put('0' + millis / 100).put('0' + millis / 10 % 10).put('0' + millis % 10);
        out.put(offset);
    }
}
