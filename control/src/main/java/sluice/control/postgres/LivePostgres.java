package sluice.control.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import sluice.control.host.Host;
import sluice.control.site.Site;

/**
 * A real Postgres (15 or newer) through JDBC and its host's files and programs. One thread at a time.
 *
 * <p>The control role needs no superuser, only, as that grants it on the primary, in the database of its URL:
 *
 * <pre>{@code
 * CREATE ROLE control LOGIN REPLICATION;                     -- replication slots
 * GRANT pg_monitor, pg_checkpoint TO control;                -- what replication says; CHECKPOINT
 * GRANT EXECUTE ON FUNCTION pg_promote TO control;
 * GRANT EXECUTE ON FUNCTION pg_reload_conf TO control;
 * }</pre>
 *
 * <p>On its host, control is root or the account that owns the data folder.
 */
public final class LivePostgres implements PostgresServer {
    /** Of connecting and of an answer. */
    private static final Duration ANSWER = Duration.ofSeconds(3);

    private static final Duration RELOAD = Duration.ofSeconds(2);

    private final Site.Postgres site;
    private final Postmaster postmaster;
    private final DataFolder files;
    private final Queries queries;
    private final Application application;
    private final Lifecycle lifecycle;

    public LivePostgres(Host host, Site.Postgres site) {
        this.site = site;
        postmaster = new Postmaster(host, site);
        files = new DataFolder(host, site);
        queries = new Queries(site, postmaster, ANSWER);
        application = new Application(site.appUrl(), ANSWER);
        lifecycle = new Lifecycle(name(), host, site.data(), postmaster, files, queries);
    }

    @Override
    public String name() {
        return site.side() + " Postgres (" + site.url().address() + ")";
    }

    @Override
    public void open() throws PostgresException {
        attempt("open a connection", queries::inRecovery);
        attempt("open a connection as the application (" + site.appUrl() + ")", application::open);
    }

    @Override
    public Status status() {
        return lifecycle.status();
    }

    @Override
    public Identity identity() throws PostgresException {
        return attempt("tell its identity", queries::identity);
    }

    @Override
    public StandbyView standby() throws PostgresException {
        return attempt("tell how it follows", queries::standby);
    }

    @Override
    public @Nullable ReplicaView replica(String applicationName) throws PostgresException {
        try {
            return queries.replica(applicationName);
        } catch (SQLException e) {
            throw failure("tell who follows it", e);
        }
    }

    @Override
    public Lsn flushed() throws PostgresException {
        return attempt("tell its log position", queries::flushed);
    }

    @Override
    public Lsn replayed() throws PostgresException {
        return attempt("tell what it has replayed", queries::replayed);
    }

    /** On a standby a restartpoint. Bounded by ten minutes. */
    @Override
    public void checkpoint() throws PostgresException {
        attempt("make a checkpoint", queries::checkpoint);
    }

    /** Returns when the server shows the new value. */
    @Override
    public void boundWalSender(Duration timeout) throws PostgresException {
        attempt("lower wal_sender_timeout", () -> {
            files.boundWalSender(timeout);
            queries.reload();
            long deadline = System.nanoTime() + RELOAD.toNanos();
            while (!queries.walSenderTimeout().equals(timeout)) {
                if (System.nanoTime() - deadline > 0) {
                    throw new PostgresException(name() + ": wal_sender_timeout stays "
                            + queries.walSenderTimeout().toMillis() + " ms although "
                            + site.data().resolve("postgresql.auto.conf") + " says " + timeout.toMillis()
                            + " ms; is it given on the command line, or for role "
                            + site.url().user() + "?");
                }
                LockSupport.parkNanos(2_000_000);
            }
            return timeout;
        });
    }

    /** The line from before comes back, also when the server is down. */
    @Override
    public void resetWalSender() throws PostgresException {
        attempt("put wal_sender_timeout back", () -> {
            boolean changed = files.resetWalSender();
            if (changed) {
                if (!Lifecycle.isDown(status())) {
                    queries.reload();
                }
                files.forgetWalSender();
            }
            return changed;
        });
    }

    @Override
    public Lsn marker(String run) throws PostgresException {
        return attempt("write a marker into its log", () -> queries.marker(run));
    }

    @Override
    public void fence(String primaryConninfo) throws PostgresException {
        if (!attempt("lock it", () -> files.fence(primaryConninfo))) {
            throw new PostgresException(name() + " is a standby already, and not by sluice; nothing was changed");
        }
    }

    @Override
    public boolean fenced() throws PostgresException {
        return attempt("look whether it is locked", files::fenced);
    }

    @Override
    public void unfence() throws PostgresException {
        if (!attempt("unlock it", files::unfence)) {
            throw new PostgresException(name() + " has a standby.signal that sluice did not write, so it stays: without"
                    + " it this server would become a primary. If it really is the right one, remove "
                    + site.data().resolve("standby.signal") + " by hand");
        }
    }

    @Override
    public void stop(Duration bound) throws PostgresException {
        // The server ends them in any case.
        close();
        attempt("stop it", () -> {
            lifecycle.stop(bound);
            return bound;
        });
    }

    @Override
    public void start(Duration bound) throws PostgresException {
        attempt("start it", () -> {
            lifecycle.start(bound);
            return bound;
        });
    }

    @Override
    public ControlData controlData() throws PostgresException {
        return attempt("read its control file", postmaster::controlData);
    }

    @Override
    public void promote() throws PostgresException {
        attempt("promote it", queries::promote);
    }

    @Override
    public int preparedTransactions() throws PostgresException {
        return attempt("count prepared transactions", queries::preparedTransactions);
    }

    @Override
    public void tryReplication(String conninfo) throws PostgresException {
        attempt("reach the other side", () -> {
            postmaster.tryReplication(conninfo);
            return conninfo;
        });
    }

    @Override
    public void makeSlot(String slot) throws PostgresException {
        attempt("make slot " + slot, () -> queries.makeSlot(slot));
    }

    @Override
    public void dropSlot(String slot) throws PostgresException {
        attempt("drop slot " + slot, () -> queries.dropSlot(slot));
    }

    @Override
    public void verifyAsApplication(String run) throws PostgresException {
        attempt("write and read as the application (" + site.appUrl() + ")", () -> application.verify(run));
    }

    @Override
    public void close() {
        queries.close();
        application.close();
    }

    private interface Attempt<T> {
        T run() throws SQLException, IOException;
    }

    private <T> T attempt(String what, Attempt<T> attempt) throws PostgresException {
        try {
            return attempt.run();
        } catch (PostgresException e) {
            throw e;
        } catch (SQLException | IOException e) {
            throw failure(what, e);
        }
    }

    private PostgresException failure(String what, Exception e) {
        return new PostgresException(name() + ": cannot " + what + ": " + e.getMessage(), e);
    }
}
