package sluice.control.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Another machine, through the OpenSSH client: never asks for anything (BatchMode), the host's key must be known, and all
 * commands share one connection (ssh_config(5), ControlMaster), which ends with {@link #close} or a minute after the last
 * of them. What needs another account than the one that logs in goes through {@code sudo -n}; files are changed as root.
 * Safe for use by several threads as long as they do not write the same file.
 */
public final class SshHost implements Host, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration FILE = Duration.ofSeconds(10);

    private static final FileAttribute<Set<PosixFilePermission>> OWN =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Ends what a command printed: without it the connection broke, whatever ssh's exit code says. */
    private static final String END = "sluice-exit:";

    /**
     * Runs its arguments. Their output goes to files first: a daemon that stays behind would keep the session open. The
     * remote program is bounded as well, since the end of ssh alone does not end it.
     */
    private static final String RUN = "t=$(mktemp -d) || exit; \"$@\" >\"$t/out\" 2>\"$t/err\" </dev/null; r=$?; "
            + "cat \"$t/err\" >&2; cat \"$t/out\"; rm -r \"$t\"; printf '" + END + "%d' $r";

    /** A file in place of another one, as {@link Host#writeDurably} promises. sync(1) with a name is fsync(2). */
    private static final String WRITE =
            "set -eu; umask 077; f=$1; d=$(dirname -- \"$f\"); n=$f.sluice-new; rm -f -- \"$n\"; "
                    + "printf %s \"$2\" | base64 -d >\"$n\"; "
                    + "if [ -e \"$f\" ]; then chown --reference=\"$f\" -- \"$n\"; chmod --reference=\"$f\" -- \"$n\"; "
                    + "else chown --reference=\"$d\" -- \"$n\"; fi; sync -- \"$n\"; mv -T -- \"$n\" \"$f\"; sync -- \"$d\"";

    private static final String DELETE = "set -eu; rm -f -- \"$1\"; sync -- \"$(dirname -- \"$1\")\"";

    private final String destination;
    private final Path sockets;
    private final List<String> ssh;
    private volatile @Nullable String login;

    /**
     * Connects when it is first used.
     *
     * @param destination as ssh takes it: {@code user@host}, {@code ssh://user@host:port}, or a name of its configuration
     * @param sockets a folder of control's own for the shared connection; made when it is not there
     * @param identity the private key, or null for those that ssh finds by itself
     * @param knownHosts the file with the host's key, or null for ssh's own
     */
    public SshHost(String destination, Path sockets, @Nullable Path identity, @Nullable Path knownHosts) {
        this.destination = destination;
        this.sockets = sockets;
        List<String> command = new ArrayList<>(List.of("ssh", "-T"));
        for (String option : List.of(
                "BatchMode=yes",
                "StrictHostKeyChecking=yes",
                "ConnectTimeout=" + CONNECT.toSeconds(),
                "ServerAliveInterval=2",
                "ServerAliveCountMax=3",
                "ControlMaster=auto",
                "ControlPersist=60",
                // A hash: the path of a unix socket is short (unix(7)).
                "ControlPath=" + sockets.resolve("ssh-%C"))) {
            command.add("-o");
            command.add(option);
        }
        if (identity != null) {
            command.addAll(List.of("-i", identity.toString(), "-o", "IdentitiesOnly=yes"));
        }
        if (knownHosts != null) {
            command.addAll(List.of("-o", "UserKnownHostsFile=" + knownHosts));
        }
        ssh = List.copyOf(command);
    }

    @Override
    public String name() {
        return destination;
    }

    @Override
    public Output run(String user, Duration timeout, List<String> command) throws HostException {
        List<String> whole = new ArrayList<>();
        if (!user.isEmpty() && !user.equals(login())) {
            whole.addAll(List.of("sudo", "-n", "-u", user, "--"));
        }
        whole.addAll(List.of("timeout", "--kill-after=1", seconds(timeout)));
        whole.addAll(command);
        Output output = remote(timeout, whole);
        if (output.exitCode() == TIMED_OUT) {
            throw new HostException("did not end within " + timeout.toMillis() + " ms on " + name()
                    + " and was killed: " + String.join(" ", command));
        }
        return output;
    }

    /** As timeout(1) says it. */
    private static final int TIMED_OUT = 124;

    @Override
    public boolean exists(Path file) throws HostException {
        Output output = asRoot("stat", "--format=", "--", file.toString());
        if (output.exitCode() == 0) {
            return true;
        }
        if (output.err().contains("No such file or directory")) {
            return false;
        }
        throw failure("look at", file, output);
    }

    @Override
    public String read(Path file) throws HostException {
        Output output = asRoot("cat", "--", file.toString());
        if (output.exitCode() != 0) {
            throw failure("read", file, output);
        }
        return output.out();
    }

    @Override
    public void writeDurably(Path file, String content) throws HostException {
        String bytes = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
        Output output = asRoot("sh", "-c", WRITE, "sh", file.toString(), bytes);
        if (output.exitCode() != 0) {
            throw failure("write", file, output);
        }
    }

    @Override
    public void deleteDurably(Path file) throws HostException {
        Output output = asRoot("sh", "-c", DELETE, "sh", file.toString());
        if (output.exitCode() != 0) {
            throw failure("delete", file, output);
        }
    }

    /** Ends the shared connection. */
    @Override
    public void close() {
        List<String> command = new ArrayList<>(ssh);
        command.addAll(List.of("-O", "exit", "--", destination));
        try {
            Execution.of(name(), FILE, command);
        } catch (HostException gone) {
            // There is nothing to end, or it ends by itself.
            return;
        }
    }

    private Output asRoot(String... command) throws HostException {
        List<String> whole = new ArrayList<>(List.of("env", "LC_ALL=C"));
        whole.addAll(List.of(command));
        return run("root", FILE, whole);
    }

    /** The account that logs in. */
    private String login() throws HostException {
        String known = login;
        if (known == null) {
            Output id = remote(CONNECT, List.of("id", "-un"));
            if (id.exitCode() != 0) {
                throw new HostException(
                        "cannot tell who logs in on " + name() + ": " + id.err().strip());
            }
            known = id.out().strip();
            login = known;
        }
        return known;
    }

    private Output remote(Duration timeout, List<String> command) throws HostException {
        try {
            Files.createDirectories(sockets, OWN);
        } catch (IOException e) {
            throw new HostException("cannot make the folder " + sockets + " for the connection to " + name(), e);
        }
        List<String> whole = new ArrayList<>(ssh);
        // The account's shell reads one line: every word is quoted for it.
        whole.addAll(List.of(
                "--",
                destination,
                "exec sh -c " + quoted(RUN) + " sh "
                        + command.stream().map(SshHost::quoted).collect(Collectors.joining(" "))));
        Output ended = Execution.of(name(), timeout.plus(CONNECT).plusSeconds(2), whole);
        int end = ended.out().lastIndexOf(END);
        if (end < 0) {
            throw new HostException("no connection to " + name() + " (ssh ended with " + ended.exitCode() + "): "
                    + advice(ended.err().strip()));
        }
        int exitCode =
                Integer.parseInt(ended.out().substring(end + END.length()).strip());
        return new Output(exitCode, ended.out().substring(0, end), ended.err());
    }

    private String advice(String said) {
        if (said.contains("Host key verification failed") || said.contains("host key is known")) {
            return said + ". Compare its key, then take it up: ssh-keyscan, or log in once by hand";
        }
        if (said.contains("Permission denied")) {
            return said + ". Put the public key into authorized_keys of that account";
        }
        return said;
    }

    private HostException failure(String verb, Path file, Output output) {
        String said = output.err().strip();
        return new HostException("cannot " + verb + " " + file + " on " + name() + ": "
                + (said.startsWith("sudo:")
                        ? said + " (the account must be allowed to run it, without a password)"
                        : said));
    }

    private static String seconds(Duration time) {
        return time.toSeconds() + "." + String.format("%03d", time.toMillisPart());
    }

    /** POSIX shell, 2.2.2: between single quotes every character is itself. */
    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
