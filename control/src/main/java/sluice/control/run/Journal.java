package sluice.control.run;

import java.io.IOException;
import java.util.List;

/** The records of one run, in order. Used by one thread. */
public interface Journal extends AutoCloseable {
    /** Room for every record that a run and its undoing write, with a wide margin; in bytes. */
    int ROOM_FOR_A_RUN = 128 * 1024;

    /**
     * Writes the records as one: after a crash either all of them are there or none. Returns when they are on disk.
     *
     * @throws JournalException when that cannot be said; they may be there or not
     */
    void append(List<Entry> entries) throws JournalException;

    /** Everything that was written, oldest first. */
    List<Entry> entries();

    /** Bytes that can still be written. */
    int room();

    @Override
    void close();

    /** The journal cannot be written or read: which file, and what to do. */
    final class JournalException extends IOException {
        public JournalException(String message) {
            super(message);
        }

        public JournalException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
