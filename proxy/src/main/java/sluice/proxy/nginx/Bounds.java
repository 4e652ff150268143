package sluice.proxy.nginx;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sizes and times: nginx's in, {@code [limits]} out. */
final class Bounds {
    private static final String TABLE = "limits";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([kKmMgG]?)");
    private static final Pattern TIME = Pattern.compile("(?:\\d{1,9}(?:ms|[smhdwMy])? ?)+");
    private static final Pattern TIME_PART = Pattern.compile("(\\d+)(ms|[smhdwMy])?");
    private static final Map<String, Long> MILLIS = Map.of(
            "ms",
            1L,
            "s",
            1_000L,
            "m",
            60_000L,
            "h",
            3_600_000L,
            "d",
            86_400_000L,
            "w",
            604_800_000L,
            "M",
            2_592_000_000L,
            "y",
            31_536_000_000L);
    private static final long LONGEST = 3_600_000;
    private static final long LEAST = 100;
    private static final long DEFAULT_SPOOL = 2L << 30;
    private static final long LARGEST_BODY = 1L << 40;

    private final Report report;
    private final Draft draft;

    Bounds(Report report, Draft draft) {
        this.report = report;
        this.draft = draft;
    }

    /**
     * Reads them.
     *
     * @param server the site's server block
     * @param entrance the block that requests for pages come to first
     * @param web the block that passes them on to the site
     */
    void read(Context server, Context entrance, Context web) {
        body(entrance.one("client_max_body_size"));
        time(web, "proxy_read_timeout", "upstream_read", "60s");
        time(server, "keepalive_timeout", "client_idle", "75s");
        time(web, "proxy_connect_timeout", "upstream_connect", null);
        time(server, "client_header_timeout", "head_timeout", null);
        time(server, "client_body_timeout", "body_timeout", null);
        head(server.one("large_client_header_buffers"));
        streams(server.one("http2_max_concurrent_streams"));
        Directive sending = server.one("send_timeout");
        if (sending != null) {
            report.note(sending, "Sluice has no bound of its own for clients that read slowly; client_idle counts.");
        }
    }

    private void body(@Nullable Directive given) {
        if (given == null) {
            draft.put(TABLE, "body", "\"1MiB\"", "nginx's default: there is no client_max_body_size");
            return;
        }
        long bytes = size(given.arg(0));
        if (bytes <= 0 || bytes > LARGEST_BODY) {
            report.against(
                    given,
                    bytes == 0
                            ? "nginx takes bodies of any size here; Sluice needs a bound, and has 99 MiB if you write no other."
                            : "This is no size that Sluice can take; it has 99 MiB if you write no other.");
            return;
        }
        draft.put(TABLE, "body", shown(bytes), "from " + given.place());
        if (bytes > DEFAULT_SPOOL) {
            draft.put(TABLE, "spool", shown(bytes), "the largest body has to fit in");
        }
    }

    private void head(@Nullable Directive given) {
        if (given == null) {
            draft.put(TABLE, "head", "\"32KiB\"", "nginx's default: large_client_header_buffers 4 8k");
            return;
        }
        long bytes = size(given.arg(1));
        if (!given.arg(0).matches("\\d{1,6}") || bytes <= 0) {
            report.against(given, "The importer cannot read these sizes.");
            return;
        }
        long all = Long.parseLong(given.arg(0)) * bytes;
        draft.put(
                TABLE,
                "head",
                shown(Math.max(1024, Math.min(all, 256 * 1024))),
                "from " + given.place() + ", all buffers together");
    }

    private void streams(@Nullable Directive given) {
        if (given == null) {
            return;
        }
        if (!given.arg(0).matches("\\d{1,5}") || Integer.parseInt(given.arg(0)) < 2) {
            report.against(given, "Sluice takes 2 to 10000 requests at a time on a connection of HTTP/2.");
            return;
        }
        int streams = Math.min(10_000, Integer.parseInt(given.arg(0)));
        draft.put(TABLE, "h2_streams", Integer.toString(streams), "from " + given.place());
    }

    private void time(Context context, String name, String key, @Nullable String fallback) {
        Directive given = context.one(name);
        if (given == null) {
            if (fallback != null) {
                draft.put(TABLE, key, "\"" + fallback + "\"", "nginx's default: there is no " + name);
            }
            return;
        }
        long millis = time(given.arg(0));
        if (millis < LEAST || millis > LONGEST) {
            report.against(given, "Sluice takes times from 100 ms to 1 h here; the nearest is written.");
        }
        draft.put(TABLE, key, duration(Math.max(LEAST, Math.min(millis, LONGEST))), "from " + given.place());
    }

    /** Bytes, or -1 when the text is no size. */
    static long size(String text) {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            return -1;
        }
        int shift = switch (size.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
        };
        return Long.parseLong(size.group(1)) << shift;
    }

    /** Milliseconds, or -1 when the text is no time. A bare number counts seconds. */
    static long time(String text) {
        if (!TIME.matcher(text).matches()) {
            return -1;
        }
        long millis = 0;
        Matcher part = TIME_PART.matcher(text);
        while (part.find()) {
            String unit = part.group(2) == null ? "s" : part.group(2);
            millis += Long.parseLong(part.group(1)) * MILLIS.getOrDefault(unit, 0L);
        }
        return millis;
    }

    private static String duration(long millis) {
        return millis % 1_000 == 0 ? "\"" + millis / 1_000 + "s\"" : "\"" + millis + "ms\"";
    }

    private static String shown(long bytes) {
        if (bytes % (1L << 30) == 0) {
            return "\"" + (bytes >> 30) + "GiB\"";
        }
        if (bytes % (1L << 20) == 0) {
            return "\"" + (bytes >> 20) + "MiB\"";
        }
        return bytes % 1024 == 0 ? "\"" + (bytes >> 10) + "KiB\"" : Long.toString(bytes);
    }
}
