package sluice.proxy.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers, durations such as {@code "1m30s"} and sizes such as {@code "64KiB"}, each within bounds. */
final class Quantities {
    private static final Pattern DURATION = Pattern.compile("(?:\\d{1,9}(?:ms|s|m|h))+");
    private static final Pattern DURATION_PART = Pattern.compile("(\\d+)(ms|s|m|h)");
    private static final Map<String, Long> DURATION_UNITS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s?(B|KiB|MiB|GiB|KB|MB|GB)");
    private static final Map<String, Long> SIZE_UNITS = Map.of(
            "B",
            1L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "KB",
            1_000L,
            "MB",
            1_000_000L,
            "GB",
            1_000_000_000L);

    private Quantities() {}

    static Form<Integer> integer(int least, int most) {
        String right = "write a whole number from " + least + " to " + most;
        return value -> {
            if (!value.isIntegralNumber()) {
                throw new Mistake(shown(value) + " is not a whole number", right);
            }
            if (!value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
                throw new Mistake(shown(value) + " is out of bounds", right);
            }
            return value.intValue();
        };
    }

    static Form<Duration> duration(Duration least, Duration most) {
        String right = "write a duration from \"" + shown(least) + "\" to \"" + shown(most) + "\" with ms, s, m or h";
        return value -> {
            if (!value.isTextual() || !DURATION.matcher(value.textValue()).matches()) {
                throw new Mistake(shown(value) + " is not a duration", right);
            }
            long millis = 0;
            Matcher parts = DURATION_PART.matcher(value.textValue());
            while (parts.find()) {
                millis += Long.parseLong(parts.group(1)) * unit(DURATION_UNITS, parts.group(2));
            }
            Duration duration = Duration.ofMillis(millis);
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new Mistake(shown(value) + " is out of bounds", right);
            }
            return duration;
        };
    }

    /** Bytes; a bare number counts bytes too. */
    static Form<Long> size(long least, long most) {
        String right = "write a size from \"" + shown(least) + "\" to \"" + shown(most) + "\" with B, KiB, MiB or GiB";
        return value -> {
            long bytes = bytes(value, right);
            if (bytes < least || bytes > most) {
                throw new Mistake(shown(value) + " is out of bounds", right);
            }
            return bytes;
        };
    }

    private static long bytes(JsonNode value, String right) throws Mistake {
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (value.isTextual()) {
            Matcher size = SIZE.matcher(value.textValue());
            if (size.matches()) {
                return Long.parseLong(size.group(1)) * unit(SIZE_UNITS, size.group(2));
            }
        }
        throw new Mistake(shown(value) + " is not a size", right);
    }

    private static long unit(Map<String, Long> units, String name) {
        Long unit = units.get(name);
        if (unit == null) {
            throw new IllegalStateException("no unit " + name);
        }
        return unit;
    }

    /** A value as it stands in the file, cut when it is long. */
    static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= 80 ? text : text.substring(0, 77) + "…";
    }

    /** A duration as one would write it. */
    static String shown(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 3_600_000 == 0 && millis != 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0 && millis != 0) {
            return millis / 60_000 + "m";
        }
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    /** A size as one would write it. */
    static String shown(long bytes) {
        if (bytes == 0 || bytes % 1024 != 0) {
            return bytes + "B";
        }
        if (bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "GiB";
        }
        return bytes % (1L << 20) == 0 ? (bytes >> 20) + "MiB" : (bytes >> 10) + "KiB";
    }
}
