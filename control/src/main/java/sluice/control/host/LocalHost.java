package sluice.control.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * This machine. Another account's commands run through {@code setpriv} when control is root and through
 * {@code sudo -n} otherwise; files are changed with control's own rights, so control is root or owns them. Safe for use
 * by several threads as long as they do not write the same file.
 */
public final class LocalHost implements Host {
    private static final Duration ID_BOUND = Duration.ofSeconds(5);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final String self = System.getProperty("user.name", "");
    private final Map<String, String> groups = new ConcurrentHashMap<>();

    @Override
    public String name() {
        return "this host";
    }

    @Override
    public Output run(String user, Duration timeout, List<String> command) throws HostException {
        return Execution.of(name(), timeout, as(user, command));
    }

    /** The file itself, not what a link points to. A folder that may not be searched is an error, not "no". */
    @Override
    public boolean exists(Path file) throws HostException {
        try {
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw failure("look at", file, e);
        }
    }

    @Override
    public String read(Path file) throws HostException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw failure("read", file, e);
        }
    }

    @Override
    public void writeDurably(Path file, String content) throws HostException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new HostException("cannot write " + file + ": it is no file");
        }
        // One fixed name: what a crash left behind is overwritten by the next attempt.
        Path beside = folder.resolve(file.getFileName() + ".sluice-new");
        try {
            Files.deleteIfExists(beside);
            Files.createFile(beside, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            likeBefore(file, folder, beside);
            try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(folder);
        } catch (IOException e) {
            throw failure("write", file, e);
        }
    }

    @Override
    public void deleteDurably(Path file) throws HostException {
        try {
            Files.deleteIfExists(file);
            // Also when it was gone: a call before this one may have died between the two.
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                syncFolder(folder);
            }
        } catch (IOException e) {
            throw failure("delete", file, e);
        }
    }

    /** Owner, group and mode of the file that is replaced; for a new one the folder's owner, and nobody else. */
    private static void likeBefore(Path file, Path folder, Path beside) throws IOException {
        PosixFileAttributes model;
        boolean replaces = true;
        try {
            model = Files.readAttributes(file, PosixFileAttributes.class);
        } catch (NoSuchFileException e) {
            model = Files.readAttributes(folder, PosixFileAttributes.class);
            replaces = false;
        }
        PosixFileAttributeView view = Files.getFileAttributeView(beside, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        // Only what differs: an ordinary user may not even set its own name.
        if (!now.owner().equals(model.owner())) {
            view.setOwner(model.owner());
        }
        if (!now.group().equals(model.group())) {
            view.setGroup(model.group());
        }
        if (replaces) {
            view.setPermissions(model.permissions());
        }
    }

    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private List<String> as(String user, List<String> command) throws HostException {
        if (user.isEmpty() || user.equals(self)) {
            return command;
        }
        List<String> whole = new ArrayList<>();
        if (self.equals("root")) {
            // Not runuser: it opens a PAM session, which takes time and leaves traces in the log at every call.
            whole.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + group(user), "--init-groups", "--"));
        } else {
            whole.addAll(List.of("sudo", "-n", "-u", user, "--"));
        }
        whole.addAll(command);
        return whole;
    }

    private String group(String user) throws HostException {
        String known = groups.get(user);
        if (known != null) {
            return known;
        }
        Output id = Execution.of(name(), ID_BOUND, List.of("id", "-g", "--", user));
        if (id.exitCode() != 0) {
            throw new HostException("there is no account " + user + " on " + name() + ": "
                    + id.err().strip() + "; correct user in the site file");
        }
        String group = id.out().strip();
        groups.put(user, group);
        return group;
    }

    private HostException failure(String verb, Path file, IOException e) {
        String advice = e instanceof AccessDeniedException
                ? " (run control as root or as the account that owns it; control is " + self + ")"
                : "";
        return new HostException("cannot " + verb + " " + file + " on " + name() + ": " + e + advice, e);
    }
}
