package sluice.control.postgres;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One side's Postgres. Every call blocks within its bound and is safe to repeat. Queries use connections that {@link
 * #open} made, so that nothing has to be opened or started inside the hold; they are opened anew when they broke.
 */
public interface PostgresServer {
    /** The side and address, for messages. */
    String name();

    /** Opens the connections that a run needs. */
    void open() throws PostgresException;

    /** What this server is now, looked up and never remembered. */
    Status status() throws PostgresException;

    /** What a probe saw. {@code UNKNOWN} is never treated as any of the others. */
    enum Status {
        /** Up, and accepts writes. */
        PRIMARY,
        /** Up, in recovery. */
        STANDBY,
        /**
         * Down, whether it was shut down cleanly or killed ({@link #controlData} tells which), with no process left in
         * its data folder, and a restart would make it a primary.
         */
        STOPPED_PRIMARY,
        /** Down, and a restart makes it a standby: {@code standby.signal} is there. */
        STOPPED_STANDBY,
        /** Nobody can say. */
        UNKNOWN
    }

    /** Identity, from a live server. */
    Identity identity() throws PostgresException;

    record Identity(String systemIdentifier, int timeline, int serverVersion) {}

    /** On a standby: what {@code pg_stat_wal_receiver}, replay and its settings say. */
    StandbyView standby() throws PostgresException;

    record StandbyView(
            boolean streaming,
            int timeline,
            @Nullable Lsn received,
            @Nullable Lsn replayed,
            boolean replayPaused,
            Duration applyDelay) {}

    /** On a primary: the standby that streams from it, as {@code pg_stat_replication} shows it, by its application name. */
    @Nullable
    ReplicaView replica(String applicationName) throws PostgresException;

    record ReplicaView(
            String state,
            @Nullable Lsn sent,
            @Nullable Lsn flushed,
            @Nullable Lsn replayed) {}

    /** On a primary: the end of the log that is flushed. */
    Lsn flushed() throws PostgresException;

    /** On a standby: the end of what is replayed. Received is no proof: after a restart it starts at the segment. */
    Lsn replayed() throws PostgresException;

    void checkpoint() throws PostgresException;

    /** Lowers {@code wal_sender_timeout}, which bounds a stop that waits for a frozen receiver. Host-local. */
    void boundWalSender(Duration timeout) throws PostgresException;

    void resetWalSender() throws PostgresException;

    /** Writes a marker into the log and returns a position at or after its end. Commits synchronously. */
    Lsn marker(String run) throws PostgresException;

    /**
     * Makes sure that whoever starts this server gets a standby: {@code standby.signal} and {@code primary_conninfo},
     * written and fsynced. The running server does not notice.
     *
     * @param primaryConninfo how the other side is reached, with this server's {@code application_name}; the slot that
     *     this server uses there comes from its own settings
     */
    void fence(String primaryConninfo) throws PostgresException;

    boolean fenced() throws PostgresException;

    /**
     * Takes the fence away, and the settings from before it come back. Does nothing when there is no fence; refuses a
     * {@code standby.signal} that {@link #fence} did not write, since without it a true standby would become a second
     * primary. Only before the point of no return, or when the other side is proven stopped.
     */
    void unfence() throws PostgresException;

    /**
     * Fast stop; returns when the control file says "shut down" (a standby: "shut down in recovery"), even if the
     * postmaster still waits for its archiver then. An error when the bound has passed, or when it ended otherwise.
     */
    void stop(Duration bound) throws PostgresException;

    /** Starts the server, unless it is up, and waits until it answers; one that is just stopping is waited for first. */
    void start(Duration bound) throws PostgresException;

    /** What {@code pg_controldata} says. */
    ControlData controlData() throws PostgresException;

    record ControlData(String state, Lsn checkpoint, Lsn redo, int timeline, String systemIdentifier) {
        /** A primary that was stopped cleanly; "shut down in recovery" is not that. */
        public boolean cleanlyShutDown() {
            return state.equals("shut down");
        }
    }

    /**
     * {@code pg_promote(false)}: asks, and does not wait; the waiting form polls in steps of 100 ms. Does nothing on a
     * primary. When it fails it is not known whether the promotion goes on.
     */
    void promote() throws PostgresException;

    /** How many transactions are prepared and not decided: a stop and a promotion would carry them over unseen. */
    int preparedTransactions() throws PostgresException;

    /**
     * Opens a replication connection with {@code conninfo} from this server's host and account, as this server would as
     * a standby, and closes it again: a reverse path that was never tried is not there.
     */
    void tryReplication(String conninfo) throws PostgresException;

    /** Makes a physical slot that keeps the log from now on, unless it is there. */
    void makeSlot(String slot) throws PostgresException;

    /** Drops a physical slot, if it is there: one that nobody reads keeps the log for ever, on a standby too. */
    void dropSlot(String slot) throws PostgresException;

    /** A write and a read as the application does them, with the application's own connection. */
    void verifyAsApplication(String run) throws PostgresException;

    /** Drops what {@link #open} opened. */
    void close();
}
