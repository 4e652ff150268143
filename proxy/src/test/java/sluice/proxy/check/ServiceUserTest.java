package sluice.proxy.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.proxy.check.ServiceUser.Access;

/** What a user who is neither root nor the owner may do with real files. */
class ServiceUserTest {
    private static final ServiceUser NOBODY = new ServiceUser("nobody", 65_534, Set.of(65_534));

    @TempDir
    Path folder;

    private Path live;
    private Path archive;
    private Path key;

    @BeforeEach
    void asCertbotLeavesIt() throws Exception {
        mode(folder, "rwxr-xr-x");
        live = Files.createDirectories(folder.resolve("live"));
        archive = Files.createDirectories(folder.resolve("archive"));
        key = Files.writeString(archive.resolve("privkey1.pem"), "key");
        Files.createSymbolicLink(live.resolve("privkey.pem"), Path.of("../archive/privkey1.pem"));
        mode(live, "rwx------");
        mode(archive, "rwx------");
        mode(key, "rw-------");
    }

    private static void mode(Path path, String mode) throws Exception {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void everyFolderOnTheWayCounts() throws Exception {
        Path wanted = live.resolve("privkey.pem");

        assertThat(NOBODY.obstacle(wanted, Access.READ)).isEqualTo(live);
        mode(live, "rwxr-xr-x");
        assertThat(NOBODY.obstacle(wanted, Access.READ)).isEqualTo(archive.toRealPath());
        mode(archive, "rwx--x--x");
        assertThat(NOBODY.obstacle(wanted, Access.READ)).isEqualTo(key.toRealPath());
        mode(key, "rw-r--r--");
        assertThat(NOBODY.obstacle(wanted, Access.READ)).isNull();
        assertThat(NOBODY.obstacle(wanted, Access.WRITE)).isEqualTo(key.toRealPath());
    }

    @Test
    void theOwnersAndTheGroupsBitsCountFirst() throws Exception {
        int uid = (int) Files.getAttribute(key, "unix:uid");
        int gid = (int) Files.getAttribute(key, "unix:gid");
        for (Path path : new Path[] {live, archive}) {
            mode(path, "rwxr-xr-x");
        }
        mode(key, "r--r-----");
        assertThat(new ServiceUser("member", 65_534, Set.of(gid)).obstacle(key, Access.READ))
                .isNull();
        mode(key, "r-----r--");
        assertThat(new ServiceUser("member", 65_534, Set.of(gid)).obstacle(key, Access.READ))
                .isEqualTo(key.toRealPath());
        if (uid != 0) {
            mode(key, "---r--r--");
            assertThat(new ServiceUser("owner", uid, Set.of(gid)).obstacle(key, Access.READ))
                    .isEqualTo(key.toRealPath());
        }
        assertThat(new ServiceUser("root", 0, Set.of(0)).obstacle(key, Access.WRITE))
                .isNull();
    }

    @Test
    void isReadFromPasswdAndGroup() throws Exception {
        Path passwd = Files.writeString(
                folder.resolve("passwd"), "root:x:0:0::/root:/bin/sh\nsluice:x:990:991::/var/lib/sluice:/bin/false\n");
        Path group =
                Files.writeString(folder.resolve("group"), "sluice:x:991:\nadm:x:4:syslog,sluice\nx:x:7:sluicer\n");

        assertThat(ServiceUser.of("sluice", passwd, group)).isEqualTo(new ServiceUser("sluice", 990, Set.of(991, 4)));
        assertThat(ServiceUser.of("sluicer", passwd, group)).isNull();
    }
}
