package sluice.proxy.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.proxy.gate.RehearsalReport;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.route.RequestClass;

/** What a rehearsal has shown: as numbers, and as a sentence for people. */
final class RehearsalJson {
    private RehearsalJson() {}

    static ObjectNode of(RehearsalReport report) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("real", report.real())
                .put("for_ms", report.asked().toMillis())
                .put("lasted_ms", report.lasted().toMillis());
        ObjectNode parked = root.putObject("parked").put("total", sum(report.parked()));
        ObjectNode shed = root.putObject("shed").put("total", shed(report));
        for (RequestClass requestClass : RequestClass.values()) {
            Long waits = report.parked().get(requestClass);
            if (waits != null) {
                parked.put(requestClass.label(), waits);
            }
            Map<ShedReason, Long> reasons = report.shed().get(requestClass);
            if (reasons != null) {
                ObjectNode ofClass = shed.putObject(requestClass.label());
                reasons.forEach((reason, count) -> ofClass.put(reason.label(), count));
            }
        }
        Duration ended = report.ended();
        return root.put("bytes", report.bytes())
                .put("writes_in_flight", report.writesInFlight())
                .put("writes_ended_ms", ended == null ? null : (Long) ended.toMillis())
                .put("longest_write_ms", report.longestWrite().toMillis())
                .put("unknown", report.unknown())
                .put("note", report.note().isEmpty() ? null : report.note())
                .put("summary", sentence(report));
    }

    /** In one sentence. */
    static String sentence(RehearsalReport report) {
        boolean real = report.real();
        StringBuilder text = new StringBuilder("a hold of ")
                .append(seconds(report.lasted()))
                .append(real ? " parked " : " now would have parked ")
                .append(sum(report.parked()))
                .append(sum(report.parked()) == 1 ? " request" : " requests");
        List<String> classes = new ArrayList<>();
        for (RequestClass requestClass : RequestClass.values()) {
            Long count = report.parked().get(requestClass);
            if (count != null) {
                classes.add(count + " " + requestClass.label());
            }
        }
        if (!classes.isEmpty()) {
            text.append(" (").append(String.join(", ", classes)).append("), ").append(bytes(report.bytes()));
        }
        text.append(", asked ")
                .append(shed(report) == 0 ? "none" : shed(report))
                .append(" to retry");
        if (shed(report) > 0) {
            text.append(" (").append(String.join(", ", reasons(report))).append(')');
        }
        text.append("; ").append(inFlight(report));
        if (!report.longestWrite().isZero()) {
            text.append("; the longest write in flight had run for ").append(seconds(report.longestWrite()));
        }
        if (report.unknown() > 0) {
            text.append("; ").append(report.unknown()).append(" unknown writes stand in the way of drained");
        }
        if (!report.note().isEmpty()) {
            text.append("; but ").append(report.note());
        }
        return text.toString();
    }

    private static String inFlight(RehearsalReport report) {
        Duration ended = report.ended();
        if (report.writesInFlight() == 0) {
            return "no write was in flight at its begin";
        }
        String writes = report.writesInFlight() == 1
                ? "the write in flight at its begin had "
                : "the " + report.writesInFlight() + " writes in flight at its begin had ";
        return writes + (ended == null ? "not ended: it would not have been drained" : "ended after " + seconds(ended));
    }

    private static List<String> reasons(RehearsalReport report) {
        List<String> all = new ArrayList<>();
        for (RequestClass requestClass : RequestClass.values()) {
            Map<ShedReason, Long> reasons = report.shed().getOrDefault(requestClass, Map.of());
            for (ShedReason reason : ShedReason.values()) {
                Long count = reasons.get(reason);
                if (count != null) {
                    all.add(count + " " + requestClass.label() + ": " + reason.label());
                }
            }
        }
        return all;
    }

    private static long shed(RehearsalReport report) {
        return report.shed().values().stream().mapToLong(RehearsalJson::sum).sum();
    }

    private static long sum(Map<?, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@code 140 ms}, {@code 5 s}, {@code 3.2 s}. */
    private static String seconds(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        long tenths = millis / 100;
        return tenths % 10 == 0 ? tenths / 10 + " s" : tenths / 10 + "." + tenths % 10 + " s";
    }

    private static String bytes(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " bytes";
        }
        boolean kib = bytes < 1 << 20;
        return String.format(Locale.ROOT, kib ? "%.1f KiB" : "%.1f MiB", bytes / (double) (kib ? 1 << 10 : 1 << 20));
    }
}
