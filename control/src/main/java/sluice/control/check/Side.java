package sluice.control.check;

import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.control.postgres.PostgresServer;
import sluice.control.sidekiq.Workers;

/**
 * One side of a move, as checks and steps see it. Which one is called old does not matter to them: a move goes from a
 * side to a side, and back is the same with the two swapped.
 *
 * @param name the upstream's name at the gates
 * @param postgres its Postgres
 * @param redis its Redis instances; the n-th of one side is paired with the n-th of the other
 * @param replication how the other side's standby reaches this Postgres, without {@code application_name}
 * @param applicationName this Postgres's name when it streams from the other side
 * @param slot the slot that this Postgres uses on the other side, or empty for none
 * @param workers its Sidekiq, or null when the site has none
 */
public record Side(
        String name,
        PostgresServer postgres,
        List<RedisPeer> redis,
        String replication,
        String applicationName,
        String slot,
        @Nullable Workers workers) {
    public Side {
        redis = List.copyOf(redis);
    }

    /** The connection string with which this Postgres follows {@code primary}. */
    public String following(Side primary) {
        return primary.replication() + " application_name=" + applicationName;
    }
}
