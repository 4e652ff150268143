package sluice.proxy.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.check.ServiceUser.Access;
import sluice.proxy.config.ProxyConfig;

/** Whether the proxy's user may read and write what it has to, and whether there is room. */
final class Disk {
    /** The state file, the lock, a certificate of its own. */
    private static final long STATE = 1L << 20;

    private final ProxyConfig config;
    private final @Nullable ServiceUser user;
    private final List<Finding> findings = new ArrayList<>();

    /** @param user as whom the proxy will run; null for whoever runs this */
    Disk(ProxyConfig config, @Nullable ServiceUser user) {
        this.config = config;
        this.user = user;
    }

    List<Finding> look() {
        for (Path folder : config.tls().certificates()) {
            file("certificates", folder.resolve("fullchain.pem"), Access.READ);
            file("certificates", folder.resolve("privkey.pem"), Access.READ);
        }
        read("client_certificates.ca", config.tls().clientCertificates());
        read("upstreams.old.ca", config.upstreams().old().ca());
        read("upstreams.new.ca", config.upstreams().next().ca());
        read("listen.token_file", config.listen().tokenFile());
        read("error_page", config.errorPage());
        folder("root", config.root());
        folder("files.acme_root", config.files().acmeRoot());
        config.files().links().forEach(link -> folder("files.links", link));
        config.listen().adminSockets().forEach(socket -> written("listen.admin", socket));
        ProxyConfig.AccessLog log = config.accessLog();
        if (log != null && log.file() != null) {
            written("access_log.file", log.file());
        }
        state();
        return findings;
    }

    private void read(String key, @Nullable Path file) {
        if (file != null) {
            file(key, file, Access.READ);
        }
    }

    private void folder(String key, @Nullable Path folder) {
        if (folder != null) {
            file(key, folder, Access.READ);
            file(key, folder, Access.EXECUTE);
        }
    }

    /** A file that may not be there yet. */
    private void written(String key, Path file) {
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            findings.add(Finding.warning(
                    key, "there is no folder " + folder + " yet; the unit makes it, otherwise somebody has to"));
            return;
        }
        file(key, folder, Access.WRITE);
    }

    private void state() {
        String key = "state.directory";
        Path folder = config.state().directory();
        Path there = folder;
        while (!Files.isDirectory(there)) {
            Path above = there.getParent();
            if (above == null) {
                return;
            }
            there = above;
        }
        if (there.equals(folder)) {
            file(key, there, Access.WRITE);
            file(key, there, Access.EXECUTE);
        } else if (obstacle(there, Access.WRITE) != null) {
            findings.add(Finding.warning(
                    key, "there is no " + folder + " yet, and " + name() + " cannot make it; the unit does"));
        }
        room(key, there);
    }

    private void room(String key, Path folder) {
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            long one = config.limits().bodyBytes();
            long all = config.limits().spoolTotal();
            if (free < one + STATE) {
                findings.add(Finding.problem(
                        key,
                        "there are " + mib(free) + " free, and one body may have " + mib(one)
                                + "; make room, or lower limits.body"));
            } else if (free < all + STATE) {
                findings.add(Finding.warning(
                        key,
                        "there are " + mib(free) + " free, and waiting bodies may have " + mib(all)
                                + "; make room, or lower limits.spool"));
            }
        } catch (IOException e) {
            findings.add(Finding.warning(key, "nobody can tell how much room there is: " + e));
        }
    }

    private static String mib(long bytes) {
        return (bytes >> 20) + " MiB";
    }

    private void file(String key, Path file, Access wanted) {
        String obstacle = obstacle(file, wanted);
        if (obstacle != null) {
            findings.add(Finding.problem(key, obstacle));
        }
    }

    /** What stands in the way, for people. */
    private @Nullable String obstacle(Path file, Access wanted) {
        String what = switch (wanted) {
            case READ -> "read ";
            case WRITE -> "write to ";
            case EXECUTE -> "go into ";
        };
        try {
            ServiceUser as = user;
            if (as == null) {
                boolean may = switch (wanted) {
                    case READ -> Files.isReadable(file);
                    case WRITE -> Files.isWritable(file);
                    case EXECUTE -> Files.isExecutable(file);
                };
                return may ? null : name() + " cannot " + what + file;
            }
            Path obstacle = as.obstacle(file, wanted);
            if (obstacle == null) {
                return null;
            }
            return name() + " cannot " + what + file
                    + (obstacle.equals(file) ? "; give it to the user's group" : ": " + obstacle + " does not let it");
        } catch (IOException e) {
            return name() + " cannot " + what + file + ": " + e;
        }
    }

    private String name() {
        return user == null ? "this user" : user.name();
    }
}
