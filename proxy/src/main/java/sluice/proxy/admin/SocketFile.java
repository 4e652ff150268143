package sluice.proxy.admin;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The file of a unix socket: made room for before, guarded after. */
final class SocketFile {
    private final Path path;

    SocketFile(Path path) {
        this.path = path;
    }

    /**
     * Removes a socket that a dead process left behind.
     *
     * @throws IOException somebody listens there, or it is no socket
     */
    void makeRoom() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket()) {
            throw new IOException(path + " is there and is no socket; remove it or choose another admin socket");
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException("somebody listens on " + path + " already" + (probe.isOpen() ? "" : "."));
        } catch (java.net.ConnectException e) {
            Files.deleteIfExists(path); // nobody listens: connection refused
        }
    }

    /** Owner and group only. */
    void guard() throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    }

    void remove() throws IOException {
        Files.deleteIfExists(path);
    }

    private boolean isSocket() throws IOException {
        int type = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0xF000;
        return type == 0xC000;
    }
}
