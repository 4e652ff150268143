package sluice.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import sluice.control.host.Host;
import sluice.control.host.LocalHost;

/**
 * A machine with a real systemd, made of namespaces: it sees this machine's files, but what it writes is its own and gone with it.
 * Its network is this machine's. Only root can make one.
 */
public final class Machine implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final Path folder;
    private final LocalProcess process;
    private final Inside host;

    private Machine(String name) throws IOException {
        folder = Files.createTempDirectory("sluice-machine");
        Path script = folder.resolve("machine.sh");
        try (InputStream text = Machine.class.getResourceAsStream("machine.sh")) {
            Files.copy(text, script);
        }
        Path root = Files.createDirectory(folder.resolve("root"));
        process = LocalProcess.start(
                name,
                folder.resolve("log"),
                List.of(
                        "sh",
                        script.toString(),
                        root.toString(),
                        folder.getFileName().toString()));
        host = new Inside(name, this::systemd);
    }

    /** Whether this machine lets us: we are root, and may make namespaces and mount in them. */
    public static boolean possible() throws IOException {
        Path tried = Files.createTempDirectory("sluice-machine");
        try {
            Host.Output output = new LocalHost()
                    .run(
                            "",
                            BOUND,
                            List.of(
                                    "unshare",
                                    "--pid",
                                    "--fork",
                                    "--mount",
                                    "--cgroup",
                                    "sh",
                                    "-ec",
                                    "mount -t tmpfs tried \"$1\"; mkdir \"$1/upper\" \"$1/work\" \"$1/root\";"
                                            + " mount -t overlay overlay"
                                            + " -o \"lowerdir=/,upperdir=$1/upper,workdir=$1/work\" \"$1/root\"",
                                    "sh",
                                    tried.toString()));
            return output.exitCode() == 0;
        } finally {
            Files.delete(tried);
        }
    }

    /** One whose systemd is up. */
    public static Machine boot(String name) {
        try {
            Machine machine = new Machine(name);
            try {
                Await.until(name + " is up", BOUND, machine::isUp);
                return machine;
            } catch (RuntimeException e) {
                machine.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a machine", e);
        }
    }

    /** Its commands and files. */
    public Host host() {
        return host;
    }

    private boolean isUp() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the machine has ended:\n" + String.join("\n", process.lines()));
        }
        try {
            return systemd() != 0
                    && host.run("root", BOUND, List.of("systemctl", "is-system-running"))
                            .out()
                            .startsWith("running");
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Its first process, as this machine numbers it; 0 while there is none. */
    private long systemd() {
        return ProcessHandle.of(process.pid())
                .flatMap(unshare -> unshare.children().findFirst())
                .filter(child -> child.info().command().orElse("").endsWith("systemd"))
                .map(ProcessHandle::pid)
                .orElse(0L);
    }

    @Override
    public void close() {
        // The first process of a namespace takes all others of it along.
        process.kill();
        for (String root : List.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd")) {
            Path group = Path.of(root, folder.getFileName().toString());
            if (Files.isDirectory(group)) {
                Await.until(group + " is removed", BOUND, () -> removed(group));
            }
        }
        Account.remove(folder);
    }

    private static boolean removed(Path group) {
        // A control group is removed as a folder, whatever files are shown in it, once it has no process; deepest
        // first.
        try (Stream<Path> all = Files.walk(group)) {
            for (Path each : all.filter(Files::isDirectory)
                    .sorted((a, b) -> b.getNameCount() - a.getNameCount())
                    .toList()) {
                Files.deleteIfExists(each);
            }
            return true;
        } catch (IOException | UncheckedIOException busy) {
            return false;
        }
    }

    @FunctionalInterface
    private interface FirstProcess {
        long pid();
    }

    private static final class Inside implements Host {
        private final LocalHost outside = new LocalHost();
        private final String name;
        private final FirstProcess first;

        Inside(String name, FirstProcess first) {
            this.name = name;
            this.first = first;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Output run(String user, Duration timeout, List<String> command) throws HostException {
            List<String> whole =
                    new ArrayList<>(List.of("nsenter", "--all", "--target=" + first.pid(), "--wd=/", "--"));
            if (!user.isEmpty() && !user.equals("root")) {
                whole.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--init-groups", "--"));
            }
            whole.addAll(command);
            return outside.run("", timeout, whole);
        }

        @Override
        public boolean exists(Path file) throws HostException {
            return outside.exists(seen(file));
        }

        @Override
        public String read(Path file) throws HostException {
            return outside.read(seen(file));
        }

        @Override
        public void writeDurably(Path file, String content) throws HostException {
            outside.writeDurably(seen(file), content);
        }

        @Override
        public void deleteDurably(Path file) throws HostException {
            outside.deleteDurably(seen(file));
        }

        /** See proc(5). */
        private Path seen(Path file) {
            return Path.of("/proc/" + first.pid() + "/root")
                    .resolve(file.toString().substring(1));
        }
    }
}
