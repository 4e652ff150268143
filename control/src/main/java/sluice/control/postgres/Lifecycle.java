package sluice.control.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.control.host.Host;
import sluice.control.host.Host.HostException;
import sluice.control.postgres.PostgresServer.ControlData;
import sluice.control.postgres.PostgresServer.Status;

/** Up, down, and in between: what a server is, its stop and its start. Every wait is bounded and polls quickly. */
final class Lifecycle {
    private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);
    private static final long PAUSE_NANOS = 2_000_000;
    /** Between two looks that start processes. */
    private static final long LOOK_NANOS = Duration.ofMillis(100).toNanos();
    /** How long a postmaster may take to make its pid file, before a start that left nothing counts as failed. */
    private static final long BIRTH_NANOS = Duration.ofSeconds(3).toNanos();

    private final String name;
    private final Host host;
    private final Path recoverySignal;
    private final Postmaster postmaster;
    private final DataFolder files;
    private final Queries queries;

    Lifecycle(String name, Host host, Path data, Postmaster postmaster, DataFolder files, Queries queries) {
        this.name = name;
        this.host = host;
        this.recoverySignal = data.resolve("recovery.signal");
        this.postmaster = postmaster;
        this.files = files;
        this.queries = queries;
    }

    Status status() {
        SQLException silent;
        try {
            return queries.inRecovery() ? Status.STANDBY : Status.PRIMARY;
        } catch (SQLException e) {
            silent = e;
        }
        try {
            Status status = down();
            log.debug("{} does not answer ({}): {}", name, silent.getMessage(), status);
            return status;
        } catch (HostException e) {
            log.warn(
                    "{} does not answer ({}), and its host cannot tell: {}", name, silent.getMessage(), e.getMessage());
            return Status.UNKNOWN;
        }
    }

    static boolean isDown(Status status) {
        return status == Status.STOPPED_PRIMARY || status == Status.STOPPED_STANDBY;
    }

    /** What a restart would make of it, if it is certain that it is down and stays so while it is looked at. */
    private Status down() throws HostException {
        if (!postmaster.gone()) {
            return Status.UNKNOWN;
        }
        boolean standby = files.fenced();
        // recovery.signal alone ends in a promotion, after who knows what.
        boolean recovery = host.exists(recoverySignal);
        // Readable: this is a data folder that can be started.
        postmaster.controlData();
        if (!postmaster.gone() || (recovery && !standby)) {
            return Status.UNKNOWN;
        }
        return standby ? Status.STOPPED_STANDBY : Status.STOPPED_PRIMARY;
    }

    /** See {@link PostgresServer#stop}. */
    void stop(Duration bound) throws IOException {
        long start = System.nanoTime();
        if (postmaster.hasPidFile()) {
            postmaster.askToStop();
        }
        // The pid file goes a few milliseconds after the control file says "shut down", and is cheap to look at; only
        // when it stays (an archiver that is behind, a receiver that does not answer) the control file is asked.
        long next = start + 3 * LOOK_NANOS;
        while (postmaster.hasPidFile()) {
            long now = System.nanoTime();
            if (now - start > bound.toNanos()) {
                throw new PostgresException(name + " has not stopped within " + bound.toMillis()
                        + " ms; it goes on stopping. Its log tells what it waits for");
            }
            if (now - next > 0) {
                if (shutDown(postmaster.controlData())) {
                    return;
                }
                next = now + LOOK_NANOS;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        ControlData end = postmaster.controlData();
        if (!shutDown(end)) {
            throw new PostgresException(
                    name + " has ended, but was not shut down: its control file says \"" + end.state() + "\"");
        }
    }

    private static boolean shutDown(ControlData control) {
        return control.cleanlyShutDown() || control.state().equals("shut down in recovery");
    }

    /** See {@link PostgresServer#start}. */
    void start(Duration bound) throws IOException {
        long start = System.nanoTime();
        long look = start;
        long launched = 0;
        boolean seen = false;
        while (!answers()) {
            long now = System.nanoTime();
            if (now - look >= 0) {
                Status status = status();
                if (!isDown(status)) {
                    seen = launched != 0;
                } else if (launched == 0) {
                    postmaster.launch();
                    launched = System.nanoTime();
                } else if (seen || now - launched > BIRTH_NANOS) {
                    throw new PostgresException(name + " ended right after it was started; why, say its log and "
                            + postmaster.startLog() + " on " + host.name());
                }
                look = System.nanoTime() + LOOK_NANOS;
            }
            if (now - start > bound.toNanos()) {
                throw new PostgresException(name + " does not answer within " + bound.toMillis()
                        + " ms after its start; it may still come up. Its log tells what it does");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean answers() {
        try {
            queries.inRecovery();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }
}
