package sluice.control.postgres;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.control.host.Host;
import sluice.control.host.Host.HostException;
import sluice.control.host.Host.Output;
import sluice.control.postgres.PostgresServer.ControlData;
import sluice.control.site.Site;

/** The server as processes and files on its host, for when it does not answer. */
final class Postmaster {
    private static final Duration COMMAND = Duration.ofSeconds(5);

    private final Host host;
    private final Site.Postgres site;
    private final Path pidFile;
    private @Nullable String folder;

    Postmaster(Host host, Site.Postgres site) {
        this.host = host;
        this.site = site;
        pidFile = site.data().resolve("postmaster.pid");
    }

    /**
     * Is it certain that no process of this server exists? The postmaster makes its pid file before anything else and
     * removes it after everything else; one that was killed leaves it, and perhaps children that finish a commit first.
     * All of them have the data folder as their working directory.
     */
    boolean gone() throws HostException {
        return !host.exists(pidFile) || processes().isEmpty();
    }

    /** Has it a pid file? When not, it is down; when so, it may be. */
    boolean hasPidFile() throws HostException {
        return host.exists(pidFile);
    }

    ControlData controlData() throws HostException {
        Output output = host.run(
                site.user(),
                COMMAND,
                // What it prints is read here, so in English.
                List.of(
                        "env",
                        "LC_ALL=C",
                        program("pg_controldata"),
                        "-D",
                        site.data().toString()));
        if (output.exitCode() != 0) {
            throw new HostException("pg_controldata " + site.data() + " on " + host.name() + ": "
                    + output.err().strip());
        }
        try {
            return ControlFile.parse(output.out());
        } catch (IllegalArgumentException e) {
            throw new HostException(e.getMessage() + " for " + site.data() + " on " + host.name(), e);
        }
    }

    /** Asks for a fast stop and does not wait. */
    void askToStop() throws HostException {
        Output output = host.run(
                site.user(),
                COMMAND,
                List.of(program("pg_ctl"), "stop", "-D", site.data().toString(), "-m", "fast", "-W"));
        // Ended in between: that is what was wanted.
        if (output.exitCode() != 0 && host.exists(pidFile)) {
            throw new HostException("pg_ctl stop on " + host.name() + ": " + said(output));
        }
    }

    /** Starts it and does not wait. What it says before its own logging begins goes to {@link #startLog}. */
    void launch() throws HostException {
        List<String> command = new ArrayList<>(List.of(
                program("pg_ctl"),
                "start",
                "-D",
                site.data().toString(),
                "-W",
                "-s",
                "-l",
                startLog().toString()));
        for (String option : site.options()) {
            command.add("-o");
            command.add(option);
        }
        Output output = host.run(site.user(), COMMAND, command);
        if (output.exitCode() != 0) {
            throw new HostException("pg_ctl start on " + host.name() + ": " + said(output));
        }
    }

    Path startLog() {
        return site.data().resolve("sluice-start.log");
    }

    /** Opens a replication connection from this host and account and closes it again. */
    void tryReplication(String conninfo) throws HostException {
        Output output = host.run(
                site.user(),
                COMMAND,
                List.of(
                        program("psql"),
                        "--no-psqlrc",
                        "--no-password",
                        "--tuples-only",
                        "--dbname=" + conninfo + " replication=true connect_timeout=3",
                        "--command=IDENTIFY_SYSTEM"));
        if (output.exitCode() != 0) {
            throw new HostException(
                    "no replication connection from " + host.name() + " with \"" + conninfo + "\": " + said(output));
        }
    }

    /** The data folder as the kernel shows it. */
    String folder() throws HostException {
        String known = folder;
        if (known == null) {
            Output output = host.run(
                    site.user(), COMMAND, List.of("realpath", "--", site.data().toString()));
            if (output.exitCode() != 0) {
                throw new HostException("no data folder " + site.data() + " on " + host.name() + ": "
                        + output.err().strip() + "; correct data in the site file");
            }
            known = output.out().strip();
            folder = known;
        }
        return known;
    }

    private List<String> processes() throws HostException {
        // A glob is taken, so what is special in one is escaped. It complains about other people's processes, and
        // about those that end while it looks: only what it found counts. The server's own are readable to its account.
        String pattern = folder().replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
        Output output = host.run(
                site.user(),
                COMMAND,
                List.of(
                        "find",
                        "/proc",
                        "-mindepth",
                        "2",
                        "-maxdepth",
                        "2",
                        "-path",
                        "/proc/[0-9]*/cwd",
                        "-lname",
                        pattern));
        return output.out().lines().toList();
    }

    private String program(String name) {
        return site.bin().resolve(name).toString();
    }

    private static String said(Output output) {
        return (output.err() + output.out()).strip() + " (exit code " + output.exitCode() + ")";
    }
}
