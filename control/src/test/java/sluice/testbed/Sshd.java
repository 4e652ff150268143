package sluice.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** A real ssh server on the loopback address that lets in the account of this JVM, with keys of its own. */
public final class Sshd implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final Path folder;
    private final int port = FreePorts.next();
    private LocalProcess server;

    private Sshd() throws IOException {
        folder = Files.createTempDirectory("sluice-ssh");
        if (ROOT) {
            // Debian's unit makes it; sshd wants it to be there, empty and root's.
            Files.createDirectories(
                    Path.of("/run/sshd"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        key("host");
        key("client");
        Files.writeString(knownHosts(), "[127.0.0.1]:" + port + " " + Files.readString(folder.resolve("host.pub")));
        Files.writeString(
                folder.resolve("config"),
                String.join(
                        "\n",
                        "Port " + port,
                        "ListenAddress 127.0.0.1",
                        "HostKey " + folder.resolve("host"),
                        "AuthorizedKeysFile " + folder.resolve("client.pub"),
                        "PidFile none",
                        "UsePAM no",
                        "StrictModes no",
                        "PasswordAuthentication no",
                        "KbdInteractiveAuthentication no",
                        "PermitRootLogin prohibit-password",
                        ""));
    }

    /** One that listens. */
    public static Sshd start() {
        try {
            Sshd sshd = new Sshd();
            sshd.restart();
            return sshd;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot set an ssh server up", e);
        }
    }

    /** Ends the server, if it runs, with every connection, and starts it. */
    public void restart() {
        kill();
        server = LocalProcess.start(
                "sshd",
                folder.resolve("log"),
                List.of(
                        "/usr/sbin/sshd",
                        "-D",
                        "-e",
                        "-f",
                        folder.resolve("config").toString()));
        Await.until("sshd listens", BOUND, () -> {
            if (!server.isAlive()) {
                throw new IllegalStateException("sshd has ended:\n" + String.join("\n", server.lines()));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    /** {@code kill -9} of it and of every session. */
    public void kill() {
        if (server != null) {
            server.kill();
        }
    }

    /** As ssh and the site file take it. */
    public String destination() {
        return "ssh://" + System.getProperty("user.name") + "@127.0.0.1:" + port;
    }

    public Path identity() {
        return folder.resolve("client");
    }

    public Path knownHosts() {
        return folder.resolve("known_hosts");
    }

    /** The lines of a side's table in the site file. */
    public String siteToml(String side) {
        return String.join(
                "\n",
                "[" + side + "]",
                "host = \"" + destination() + "\"",
                "identity = \"" + identity() + "\"",
                "known_hosts = \"" + knownHosts() + "\"",
                "");
    }

    private void key(String name) {
        LocalProcess.run(
                BOUND,
                List.of(
                        "ssh-keygen",
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-C",
                        name,
                        "-f",
                        folder.resolve(name).toString()));
    }

    @Override
    public void close() {
        kill();
        Account.remove(folder);
    }
}
