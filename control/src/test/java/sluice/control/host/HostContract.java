package sluice.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.control.host.Host.HostException;
import sluice.control.host.Host.Output;

/** What every host does, whichever way it is reached. */
abstract class HostContract {
    static final Duration BOUND = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    abstract Host host();

    @Test
    void tellsWhatAProgramPrintedAndHowItEnded() throws Exception {
        Output output = host().run("", BOUND, List.of("sh", "-c", "echo out; echo err >&2; exit 3"));
        assertThat(output).isEqualTo(new Output(3, "out\n", "err\n"));
        assertThat(host().run("", BOUND, List.of("printf", "%s", "a b; $c")).out())
                .isEqualTo("a b; $c");
    }

    @Test
    void aProgramThatTakesTooLongIsKilledWithItsChildren() throws Exception {
        Path pid = folder.resolve("pid");
        assertThatThrownBy(() -> host().run(
                                "",
                                Duration.ofMillis(500),
                                List.of("sh", "-c", "sleep 600 & echo $! > " + pid + "; wait")))
                .isInstanceOf(HostException.class)
                .hasMessageContaining("was killed");
        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(child -> child.onExit()
                        .orTimeout(10, java.util.concurrent.TimeUnit.SECONDS)
                        .join());
    }

    @Test
    void aDaemonThatStaysBehindDoesNotHoldTheCallUp() throws Exception {
        long begun = System.nanoTime();
        Output output = host().run("", BOUND, List.of("sh", "-c", "sleep 30 & echo $!"));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
        ProcessHandle.of(Long.parseLong(output.out().strip())).ifPresent(ProcessHandle::destroy);
    }

    @Test
    void aFileIsReplacedWithItsOwnerAndMode() throws Exception {
        Path file = folder.resolve("conf");
        Files.writeString(file, "before");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        boolean root = "root".equals(System.getProperty("user.name"));
        var owner = root
                ? file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres")
                : Files.getOwner(file);
        Files.setOwner(file, owner);
        host().writeDurably(file, "after ü\n");
        assertThat(host().read(file)).isEqualTo("after ü\n");
        assertThat(Files.getOwner(file)).isEqualTo(owner);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");

        Files.setOwner(folder, owner);
        Path fresh = folder.resolve("standby.signal");
        host().writeDurably(fresh, "");
        assertThat(Files.getOwner(fresh)).isEqualTo(owner);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rw-------");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("conf", "standby.signal");
    }

    @Test
    void whatACrashLeftBehindIsOverwritten() throws Exception {
        Files.writeString(folder.resolve("conf.sluice-new"), "half");
        host().writeDurably(folder.resolve("conf"), "whole");
        assertThat(folder.toFile().list()).containsExactly("conf");
    }

    @Test
    void missingIsNotTheSameAsUnreadable() throws Exception {
        Path file = folder.resolve("x");
        assertThat(host().exists(file)).isFalse();
        assertThat(host().exists(folder.resolve("no").resolve("x"))).isFalse();
        host().deleteDurably(file);
        Files.writeString(file, "");
        assertThat(host().exists(file)).isTrue();
        host().deleteDurably(file);
        assertThat(host().exists(file)).isFalse();
        assertThatThrownBy(() -> host().read(file))
                .isInstanceOf(HostException.class)
                .hasMessageContaining(file.toString());
        Files.writeString(file, "");
        // Below a file there is nothing that could be told.
        assertThatThrownBy(() -> host().exists(file.resolve("below"))).isInstanceOf(HostException.class);
    }
}
