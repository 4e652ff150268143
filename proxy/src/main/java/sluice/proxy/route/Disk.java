package sluice.proxy.route;

import java.io.IOException;

/**
 * Where a {@link StateFile} keeps what it has to keep: a file of fixed size. An interface so that a test can let the power fail
 * between any two calls.
 */
public interface Disk {
    /** What a disk holds when it is opened. */
    enum Found {
        /** Nothing, and nothing has ever been kept here. */
        NEW,
        /** The file. */
        FILE,
        /** No file although there was one. */
        MISSING
    }

    /** Looks what is there. Changes nothing. */
    Found find() throws IOException;

    /**
     * Makes the file, whole and durable, with its final size; then it counts as used for ever. Something that is there
     * already is kept aside for people to look at.
     *
     * @param content the first content of the whole file
     */
    void create(byte[] content) throws IOException;

    /**
     * Makes the file anew in other places of the disk: until this returns the former one is there, afterwards the new one, whatever
     * happens in between. Needs room for it.
     *
     * @param content the whole file
     * @throws IOException it is not certain which of the two will be there after a power failure
     */
    void replace(byte[] content) throws IOException;

    /**
     * Reads a part of the file. What lies beyond its end is zero: a file that was cut short is a corrupt one.
     *
     * @return exactly {@code length} bytes
     */
    byte[] read(int position, int length) throws IOException;

    /** Overwrites a part of the file in place. Needs no space. Durable only after {@link #sync}. */
    void write(int position, byte[] content) throws IOException;

    /** Returns when everything written is on the medium (fdatasync). */
    void sync() throws IOException;

    /** Where it is, for messages. */
    String name();
}
