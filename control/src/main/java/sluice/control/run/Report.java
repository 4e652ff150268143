package sluice.control.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import sluice.control.run.Entry.Kind;
import sluice.control.step.Step;

/**
 * What a run did, from its journal.
 *
 * @param run its id
 * @param outcome how it ended
 * @param began when
 * @param rows the steps in their order
 * @param hold from asking the proxies to hold until all were open again, in ms
 * @param writeGap from the moment no write was in flight until all proxies were open again, in ms
 * @param counts what the proxies counted during the run: waited, released, asked to retry, hung up, stale
 * @param compared what was found equal
 */
public record Report(
        String run,
        String outcome,
        Instant began,
        List<Row> rows,
        OptionalLong hold,
        OptionalLong writeGap,
        Map<String, Long> counts,
        Map<String, String> compared) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public Report {
        rows = List.copyOf(rows);
        counts = Map.copyOf(counts);
        compared = Map.copyOf(compared);
    }

    /**
     * One step.
     *
     * @param at ms from the beginning of the run to the step's intent
     * @param millis how long it took, or -1 when it was not finished
     * @param state done, failed or undone
     */
    public record Row(int number, String title, long at, long millis, String state) {}

    /** The report of a run, from what its journal says. */
    public static Report of(String run, History history, List<Step> steps) {
        List<Entry> entries = history.entries();
        Instant began = entries.isEmpty() ? Instant.EPOCH : entries.get(0).at();
        Map<String, String> facts = history.facts();
        List<Row> rows = new ArrayList<>();
        for (Step step : steps) {
            Optional<Entry> intent = first(entries, step.id(), true);
            intent.ifPresent(entry -> rows.add(new Row(
                    step.number(),
                    step.title()
                            .replace("{from}", facts.getOrDefault("from", "from"))
                            .replace("{to}", facts.getOrDefault("to", "to")),
                    entry.at().toEpochMilli() - began.toEpochMilli(),
                    Long.parseLong(facts.getOrDefault("ms." + step.id(), "-1")),
                    state(entries, step.id()))));
        }
        Optional<Instant> opened = kind(entries, "release", Kind.DONE)
                .or(() -> kind(entries, "hold", Kind.UNDONE))
                .map(Entry::at);
        return new Report(
                run,
                history.last().map(Outcome.Kind::name).orElse("UNKNOWN"),
                began,
                rows,
                between(first(entries, "hold", true).map(Entry::at), opened),
                between(kind(entries, "hold", Kind.DONE).map(Entry::at), opened),
                counts(facts),
                compared(facts));
    }

    private static String state(List<Entry> entries, String step) {
        String state = "begun";
        for (Entry entry : entries) {
            if (entry.step().equals(step)) {
                state = switch (entry.kind()) {
                    case DONE -> "done";
                    case FAILED -> "failed";
                    case UNDONE -> "undone";
                    default -> state;
                };
            }
        }
        return state;
    }

    private static Optional<Entry> first(List<Entry> entries, String step, boolean intent) {
        return entries.stream()
                .filter(entry -> entry.step().equals(step) && entry.kind().isIntent() == intent)
                .findFirst();
    }

    private static Optional<Entry> kind(List<Entry> entries, String step, Kind kind) {
        return entries.stream()
                .filter(entry -> entry.step().equals(step) && entry.kind() == kind)
                .findFirst();
    }

    private static OptionalLong between(Optional<Instant> from, Optional<Instant> to) {
        return from.isPresent() && to.isPresent()
                ? OptionalLong.of(to.get().toEpochMilli() - from.get().toEpochMilli())
                : OptionalLong.empty();
    }

    private static Map<String, Long> counts(Map<String, String> facts) {
        Map<String, Long> counts = new TreeMap<>();
        for (String name : List.of("parked", "released", "shed", "gone", "stale")) {
            String before = facts.get("before." + name);
            String after = facts.get("after." + name);
            if (before != null && after != null) {
                counts.put(name, Long.parseLong(after) - Long.parseLong(before));
            }
        }
        return counts;
    }

    private static Map<String, String> compared(Map<String, String> facts) {
        Map<String, String> compared = new TreeMap<>();
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            String name = fact.getKey();
            if (name.equals("marker")
                    || name.equals("checkpoint")
                    || name.equals("replayed")
                    || name.equals("timeline")
                    || name.endsWith(".offset")) {
                compared.put(name, fact.getValue());
            }
        }
        return compared;
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json().toPrettyString() + "\n");
    }

    /** The report as JSON; times in ms. */
    public ObjectNode json() {
        ObjectNode node = JSON.createObjectNode();
        node.put("run", run);
        node.put("outcome", outcome.toLowerCase(Locale.ROOT));
        node.put("began", began.toString());
        hold.ifPresent(millis -> node.put("hold_ms", millis));
        writeGap.ifPresent(millis -> node.put("write_gap_ms", millis));
        ObjectNode counted = node.putObject("requests");
        counts.forEach(counted::put);
        ObjectNode found = node.putObject("compared");
        compared.forEach(found::put);
        ArrayNode timeline = node.putArray("steps");
        for (Row row : rows) {
            timeline.addObject()
                    .put("step", row.number())
                    .put("title", row.title())
                    .put("at_ms", row.at())
                    .put("ms", row.millis())
                    .put("state", row.state());
        }
        return node;
    }

    /** The report as people read it. */
    public String table() {
        StringBuilder text = new StringBuilder();
        text.append(String.format("%n  step  %-34s %9s %9s  %s%n", "", "at ms", "took ms", ""));
        for (Row row : rows) {
            text.append(String.format(
                    "  %4d  %-34s %9d %9s  %s%n",
                    row.number(), row.title(), row.at(), row.millis() < 0 ? "-" : row.millis(), row.state()));
        }
        hold.ifPresent(millis -> text.append(String.format("  writes paused for %d ms", millis)));
        writeGap.ifPresent(millis -> text.append(String.format("; no write between two sides for %d ms", millis)));
        if (!counts.isEmpty()) {
            text.append(String.format(
                    "%n  %d waited, %d of them went on, %d were asked to retry, %d hung up",
                    counts.getOrDefault("parked", 0L),
                    counts.getOrDefault("released", 0L),
                    counts.getOrDefault("shed", 0L),
                    counts.getOrDefault("gone", 0L)));
        }
        if (compared.containsKey("replayed")) {
            text.append(String.format(
                    "%n  compared: the old log ends after %s, the new database had replayed up to %s",
                    compared.get("checkpoint"), compared.get("replayed")));
        }
        return text.append(System.lineSeparator()).toString();
    }
}
