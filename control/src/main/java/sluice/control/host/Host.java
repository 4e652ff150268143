package sluice.control.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A machine on which commands run and files are changed. Every call blocks, within its bound. */
public interface Host {
    /** What people call this machine. */
    String name();

    /**
     * Runs a program to its end; no shell is involved.
     *
     * @param user the account that it runs as, or the empty string for control's own
     * @throws HostException when it cannot be started, or does not end in time (it is killed then)
     */
    Output run(String user, Duration timeout, List<String> command) throws HostException;

    /** What a program printed and how it ended. */
    record Output(int exitCode, String out, String err) {}

    boolean exists(Path file) throws HostException;

    String read(Path file) throws HostException;

    /**
     * Replaces a file so that after a crash either the old or the new content is there: written beside it, fsynced,
     * renamed, the folder fsynced. Owner and mode stay those of the old file; a new file gets the folder's owner.
     */
    void writeDurably(Path file, String content) throws HostException;

    /** Deletes a file, if it is there, and fsyncs its folder. */
    void deleteDurably(Path file) throws HostException;

    /** What went wrong, on which host, with which file or command. */
    final class HostException extends IOException {
        public HostException(String message) {
            super(message);
        }

        public HostException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
