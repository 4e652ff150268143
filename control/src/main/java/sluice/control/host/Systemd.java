package sluice.control.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import sluice.control.host.Host.HostException;
import sluice.control.host.Host.Output;

/**
 * A host's units, through systemctl as root. A unit is barred by a drop-in with a condition that is never met: whoever starts it,
 * a reboot included, starts nothing. {@code systemctl mask} would not do: it makes a link in the place of a unit's file, which for
 * Mastodon's is taken (its installation copies them to /etc/systemd/system). See systemd.unit(5).
 */
public final class Systemd {
    private static final Duration COMMAND = Duration.ofSeconds(20);
    private static final String DROP_IN = "50-sluice.conf";

    private final Host host;
    private final Path folder = Path.of("/etc/systemd/system");

    public Systemd(Host host) {
        this.host = host;
    }

    /** The process that the unit is, or 0 when it has none. */
    public long mainPid(String unit) throws HostException {
        return Long.parseLong(property(unit, "MainPID"));
    }

    /** Whether systemd knows a unit of that name. */
    public boolean exists(String unit) throws HostException {
        return property(unit, "LoadState").equals("loaded");
    }

    /** Whether it runs, is about to, or is about to end. */
    public boolean active(String unit) throws HostException {
        String state = property(unit, "ActiveState");
        return !state.equals("inactive") && !state.equals("failed");
    }

    /** Whether {@link #bar} is in force. */
    public boolean barred(String unit) throws HostException {
        return host.exists(dropIn(unit)) && host.read(dropIn(unit)).contains("ConditionPathExists");
    }

    /** A signal to the main process only: to its children the same signal may mean something else. */
    public void signal(String unit, String signal) throws HostException {
        systemctl(COMMAND, "kill", "--signal=" + signal, "--kill-who=main", unit);
    }

    /** Gives it so long to end when it is stopped, until {@link #restart}. */
    public void patient(String unit, Duration stop) throws HostException {
        drop(unit, "[Service]\nTimeoutStopSec=" + stop.toSeconds() + "\n");
    }

    /** Stops it, once nothing can start it any more; returns when it has ended. */
    public void bar(String unit, Duration stop) throws HostException {
        drop(
                unit,
                "# The site has moved away. `sluice move --back` or `sluice abort` takes this away again.\n"
                        + "[Unit]\nConditionPathExists=/nonexistent/moved-away-by-sluice\n"
                        + "[Service]\nTimeoutStopSec=" + stop.toSeconds() + "\n");
        systemctl(stop.plus(COMMAND), "stop", unit);
    }

    /** Ends what of it runs, if it does, and starts it as it was before {@link #patient} and {@link #bar}. */
    public void restart(String unit, Duration stop) throws HostException {
        if (active(unit)) {
            systemctl(stop.plus(COMMAND), "stop", unit);
        }
        host.deleteDurably(dropIn(unit));
        systemctl(COMMAND, "daemon-reload");
        systemctl(COMMAND, "start", unit);
    }

    private void drop(String unit, String text) throws HostException {
        Path file = dropIn(unit);
        Output made =
                host.run("root", COMMAND, List.of("mkdir", "-p", folder(unit).toString()));
        if (made.exitCode() != 0) {
            throw new HostException("cannot make " + folder(unit) + " on " + host.name() + ": "
                    + made.err().strip());
        }
        host.writeDurably(file, text);
        systemctl(COMMAND, "daemon-reload");
    }

    private Path folder(String unit) {
        return folder.resolve(unit + ".d");
    }

    private Path dropIn(String unit) {
        return folder(unit).resolve(DROP_IN);
    }

    private String property(String unit, String name) throws HostException {
        return systemctl(COMMAND, "show", "--value", "--property=" + name, unit).strip();
    }

    private String systemctl(Duration bound, String... arguments) throws HostException {
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(List.of(arguments));
        Output output = host.run("root", bound, command);
        if (output.exitCode() != 0) {
            throw new HostException(String.join(" ", command) + " on " + host.name() + ": "
                    + output.err().strip() + " (exit code " + output.exitCode() + ")");
        }
        return output.out();
    }
}
