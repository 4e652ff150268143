package sluice.demo.verdict;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sluice.demo.load.Acknowledged;

/**
 * What a comparison found, one line for each finding.
 *
 * @param lost acknowledged, and the row or the job is not there, or is another one's
 * @param doubled a row or a job that is there more than once, acknowledged or not; or one id told to two clients
 */
public record Verdict(List<String> lost, List<String> doubled) {
    /**
     * Compares. What is stored and was not acknowledged is neither lost nor doubled: its client was told of a failure, and
     * that is counted as one.
     */
    public static Verdict compare(
            Collection<Acknowledged> acknowledged, Collection<Stored> rows, Collection<Stored> jobs) {
        List<String> lost = new ArrayList<>();
        List<String> doubled = new ArrayList<>();
        missing("row", acknowledged, rows, lost);
        missing("job", acknowledged, jobs, lost);
        repeated("row", rows, doubled);
        repeated("job", jobs, doubled);
        Map<Long, String> told = new HashMap<>();
        for (Acknowledged write : acknowledged) {
            String other = told.putIfAbsent(write.id(), write.token());
            if (other != null) {
                doubled.add("id " + write.id() + " was told to both " + other + " and " + write.token());
            }
        }
        return new Verdict(List.copyOf(lost), List.copyOf(doubled));
    }

    private static void missing(
            String what, Collection<Acknowledged> acknowledged, Collection<Stored> stored, List<String> lost) {
        Map<Long, String> tokens = new HashMap<>();
        stored.forEach(one -> tokens.put(one.id(), one.token()));
        for (Acknowledged write : acknowledged) {
            String found = tokens.get(write.id());
            if (found == null) {
                lost.add("no " + what + " with id " + write.id() + " for " + write.token());
            } else if (!found.equals(write.token())) {
                lost.add("the " + what + " with id " + write.id() + " is of " + found + ", not of " + write.token());
            }
        }
    }

    private static void repeated(String what, Collection<Stored> stored, List<String> doubled) {
        Map<String, Integer> counts = new HashMap<>();
        stored.forEach(one -> counts.merge(one.token(), 1, Integer::sum));
        counts.forEach((token, count) -> {
            if (count > 1) {
                doubled.add(count + " " + what + "s of " + token);
            }
        });
    }
}
