package sluice.control.redis;

import org.jspecify.annotations.Nullable;

/**
 * One Redis instance of a side. Every call blocks within its bound, is tried once, and is safe to repeat: a client that
 * tries again by itself would double a push.
 */
public interface RedisServer {
    /** The instance's name in the site file, its side and address, for messages. */
    String name();

    void open() throws RedisException;

    /** {@code ROLE} and {@code INFO}, looked up and never remembered. */
    View view() throws RedisException;

    /**
     * What an instance is now.
     *
     * @param master whether it is a master
     * @param runId changes with every start
     * @param offset of its replication stream: {@code master_repl_offset}, or {@code slave_repl_offset} of a replica
     * @param linkUp of a replica: whether its link to the master is up; false for a master
     * @param syncing of a replica: a full copy is under way
     * @param fenced whether it refuses writes, on disk too
     * @param following host and port that a replica follows, or null
     */
    record View(
            boolean master,
            String runId,
            long offset,
            boolean linkUp,
            boolean syncing,
            boolean fenced,
            @Nullable String following) {
        /** Would a client's write be accepted now? */
        public boolean writable() {
            return master && !fenced;
        }
    }

    /** Whether it was started with a configuration file, without which {@code CONFIG REWRITE} has nowhere to write. */
    boolean rewritable() throws RedisException;

    /** Writes this run's nonce (with an expiry of a day) and returns the offset after it. */
    long mark(String run) throws RedisException;

    /** The nonce that {@link #mark} wrote, as this instance has it, or null. */
    @Nullable
    String marked() throws RedisException;

    /**
     * {@code CONFIG SET min-replicas-to-write 99} and {@code CONFIG REWRITE}: at once, without a timer, across restarts.
     * {@code CLIENT PAUSE} is no fence: it runs out by itself and a restart forgets it. A value n from before makes it
     * n99, so that it needs no other memory.
     */
    void fence() throws RedisException;

    /** The value from before {@link #fence}, rewritten. */
    void unfence() throws RedisException;

    /**
     * {@code REPLICAOF NO ONE}, then {@code CONFIG REWRITE} so that a restart stays a master. Asks for the run id first,
     * on the same connection: a restart in between breaks that connection, so the order cannot reach an instance that has
     * just come up empty.
     *
     * @param runId the start that was proven to hold everything; with another one nothing is done and an error thrown
     */
    void promote(String runId) throws RedisException;

    /** {@code REPLICAOF host port} and {@code CONFIG REWRITE}. */
    void follow(String host, int port) throws RedisException;

    void close();
}
