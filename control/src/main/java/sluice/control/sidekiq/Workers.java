package sluice.control.sidekiq;

import java.io.IOException;
import java.util.List;

/**
 * The Sidekiq of one side. Its jobs lie in Redis and move with it; a job that is in hand lies nowhere else, so a process is
 * ended only when it has none. Every call blocks within its bound and may be repeated.
 */
public interface Workers {
    /** For messages. */
    String name();

    /** The units of this side, as the site file names them. */
    List<String> units();

    /** Units that systemd does not know. */
    List<String> missing() throws IOException;

    /** Units that run. */
    List<String> running() throws IOException;

    /** Every process that works on the jobs in this side's Redis, wherever it runs. */
    List<Worker> seen() throws IOException;

    /** Those of {@link #seen} that are none of {@link #units}. */
    List<Worker> strangers() throws IOException;

    /** Asks every unit to take no new job (SIGTSTP). That cannot be taken back but by a restart. */
    void quiet() throws IOException;

    /** Ends the units, each within a minute, and keeps whoever it is from starting them, across reboots. */
    void bar() throws IOException;

    /** Whether all are ended and barred. */
    boolean barred() throws IOException;

    /** Starts these units; one that runs, quiet perhaps, is ended first and gets the time for what it has in hand. */
    void start(List<String> units) throws IOException;

    void close();
}
