package sluice.proxy.route;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routing on disk. A preallocated file with two checksummed slots; every write goes to both, one after the other, each
 * with its own fdatasync. So a torn write always leaves the last acknowledged state in the other slot, and rot in one slot
 * leaves its mirror. A slot that is known to be behind is always the first to be overwritten.
 *
 * <p>Behind the slots stands how the process that used the file last has ended: {@link #taken} before the first request,
 * {@link #givenBack} when nothing is in flight any more and nothing can be. Overwritten in place too, it needs no space.
 *
 * <p>For one thread at a time: the switchboard's.
 */
public final class StateFile {
    private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

    private static final int LIFE_AT = 2 * Slot.SIZE;
    /** The whole file: each part has a block of its own. */
    private static final int SIZE = 3 * Slot.SIZE;

    private static final byte[] TAKEN = line("a proxy runs, or did not end well");
    /** Anything else than these bytes, a torn write of them too, means that the process did not end well. */
    private static final byte[] GIVEN_BACK = line("nothing is in flight any more    ");

    private final Disk disk;
    private boolean endedWell = true;
    private long sequence;
    /** The slot that the next write overwrites first: never the only one that holds the last state. */
    private int first;

    /** What {@link #open} found. */
    public enum Opened {
        /** Nothing was ever kept here: the very first start. */
        FIRST_USE,
        /** The last state, in {@link #routing()}. */
        FOUND,
        /** There was a state and nobody can tell it any more: see {@link #trouble()}. */
        LOST
    }

    private @Nullable Routing routing;
    private String trouble = "";

    public StateFile(Disk disk) {
        this.disk = disk;
    }

    /** Reads what is there, and repairs a slot that is behind or unreadable from the other one. */
    public Opened open() {
        try {
            return switch (disk.find()) {
                case NEW -> Opened.FIRST_USE;
                case MISSING -> lost("it is missing although it has been used");
                case FILE -> openFile();
            };
        } catch (IOException e) {
            return lost("it cannot be read: " + e);
        }
    }

    /** The last routing that was read or written; null before there is one. */
    public @Nullable Routing routing() {
        return routing;
    }

    /** What is wrong after {@link Opened#LOST}, for people; else empty. */
    public String trouble() {
        return trouble;
    }

    /**
     * Whether nothing that an earlier process let through can still be in flight: it said so at its end, or there was none.
     * As {@link #open} found it.
     */
    public boolean endedWell() {
        return endedWell;
    }

    /**
     * Requests are about to be let through. From now on, until {@link #givenBack}, a process that ends leaves behind that
     * something may have been in flight.
     *
     * @throws IOException it could not be made durable: no request must be let through
     */
    public void taken() throws IOException {
        life(TAKEN);
    }

    /**
     * Nothing is in flight and nothing can be any more.
     *
     * @throws IOException it could not be made durable: the next start will believe that something was in flight
     */
    public void givenBack() throws IOException {
        life(GIVEN_BACK);
    }

    private void life(byte[] how) throws IOException {
        disk.write(LIFE_AT, how);
        disk.sync();
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Starts a new file, whole and durable, and {@link #taken}. What was there is kept aside. */
    public void create(Routing start) throws IOException {
        sequence++;
        byte[] slot = new Slot(sequence, start).encode();
        byte[] all = Arrays.copyOf(slot, SIZE);
        System.arraycopy(slot, 0, all, Slot.SIZE, Slot.SIZE);
        System.arraycopy(TAKEN, 0, all, LIFE_AT, TAKEN.length);
        disk.create(all);
        routing = start;
        first = 0;
    }

    /**
     * Makes a routing durable. It is when one slot has it; the second one is against rot.
     *
     * @throws IOException neither slot could be written: after a restart it may be this routing or the one before
     */
    public void write(Routing next) throws IOException {
        sequence++;
        byte[] slot = new Slot(sequence, next).encode();
        int done = first;
        try {
            writeSlot(done, slot);
        } catch (IOException e) {
            // Not the same slot again: after a failed fdatasync the kernel may take its pages for clean.
            LOG.error("{}: slot {} cannot be written, trying the other one: {}", disk.name(), done, e.toString());
            done = 1 - done;
            writeSlot(done, slot);
            first = 1 - done;
            routing = next;
            return;
        }
        routing = next;
        first = 1 - done;
        try {
            writeSlot(1 - done, slot);
            first = 0;
        } catch (IOException e) {
            LOG.error(
                    "{}: slot {} cannot be written, the state is in one slot only: {}",
                    disk.name(),
                    1 - done,
                    e.toString());
        }
    }

    private Opened openFile() throws IOException {
        endedWell = Arrays.equals(disk.read(LIFE_AT, GIVEN_BACK.length), GIVEN_BACK);
        Slot zero = Slot.decode(disk.read(0, Slot.SIZE));
        Slot one = Slot.decode(disk.read(Slot.SIZE, Slot.SIZE));
        if (zero == null && one == null) {
            return lost("both of its slots are unreadable");
        }
        Slot newest = newer(zero, one);
        Slot other = newest.equals(zero) ? one : zero;
        int behind = newest.equals(zero) ? 1 : 0;
        sequence = newest.sequence();
        routing = newest.routing();
        if (!newest.equals(other)) {
            LOG.warn("{}: slot {} is {}; repaired from the other one", disk.name(), behind, describe(other));
            first = behind;
            try {
                writeSlot(behind, newest.encode());
                first = 0;
            } catch (IOException e) {
                LOG.error(
                        "{}: slot {} cannot be written, the state is in one slot only: {}",
                        disk.name(),
                        behind,
                        e.toString());
            }
        }
        return Opened.FOUND;
    }

    private static Slot newer(@Nullable Slot zero, @Nullable Slot one) {
        if (zero == null || one == null) {
            return Objects.requireNonNull(zero == null ? one : zero, "one of them is readable");
        }
        return zero.sequence() >= one.sequence() ? zero : one;
    }

    private static String describe(@Nullable Slot slot) {
        return slot == null ? "unreadable" : "one write behind";
    }

    private Opened lost(String what) {
        trouble = disk.name() + ": " + what;
        endedWell = false;
        routing = null;
        return Opened.LOST;
    }

    private void writeSlot(int slot, byte[] content) throws IOException {
        disk.write(slot * Slot.SIZE, content);
        disk.sync();
    }
}
