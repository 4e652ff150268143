package sluice.control.check;

import java.time.Duration;

/**
 * How long and how much. Every wait of a run is one of these.
 *
 * @param holdTtl how long the gates hold without a renewal; more than {@code holdBudget}
 * @param holdBudget the whole hold; when it has passed before the point of no return the run undoes itself
 * @param drainWait how long writes in flight may take to end
 * @param quiet how long the jobs that Sidekiq has in hand may take to end
 * @param catchUp how long the other side may take to have what was written last
 * @param stop a fast stop
 * @param start a start
 * @param promote from asking for the promotion to a server that accepts writes
 * @param open from the release to open gates
 * @param attach how long the former side may take to follow the other
 * @param walSender {@code wal_sender_timeout} while a run is under way: it bounds a stop that waits for a frozen receiver
 * @param maxLag bytes that the standby may be behind when a run begins
 */
public record Limits(
        Duration holdTtl,
        Duration holdBudget,
        Duration drainWait,
        Duration quiet,
        Duration catchUp,
        Duration stop,
        Duration start,
        Duration promote,
        Duration open,
        Duration attach,
        Duration walSender,
        long maxLag) {
    public Limits {
        if (holdTtl.compareTo(holdBudget) <= 0) {
            throw new IllegalArgumentException("move: hold_ttl (" + holdTtl.toMillis()
                    + " ms) must be longer than hold_budget (" + holdBudget.toMillis()
                    + " ms), or the gates open by themselves while the run still works");
        }
    }

    /** The defaults of the site file, and what it does not name. */
    public static Limits standard() {
        return of(
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(90),
                16L << 20);
    }

    /** Those that the site file names; the others are fixed. */
    public static Limits of(Duration holdTtl, Duration holdBudget, Duration drainWait, Duration quiet, long maxLag) {
        return new Limits(
                holdTtl,
                holdBudget,
                drainWait,
                quiet,
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                maxLag);
    }
}
