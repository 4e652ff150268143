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
 * leaves its mirror. A slot that is not known to hold the last state is always the first to be overwritten. One that cannot be
 * written although the state is in the other one alone has the whole file made anew, elsewhere on the disk; where that is
 * impossible too nothing is written any more, and {@link #damage} says so.
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
    /** What is to stand behind the slots. */
    private byte[] life = GIVEN_BACK;

    private long sequence;
    /** Which slots are known to hold the last state: the only such one is never overwritten. */
    private final boolean[] good = new boolean[2];
    /** Whether no slot may hold anything that is newer than the last state. */
    private boolean certain;

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
    private String damage = "";

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

    /** Whether this routing is on the disk for sure, so that it need not be written. */
    public boolean holds(Routing wanted) {
        return certain && wanted.equals(routing);
    }

    /** What is wrong after {@link Opened#LOST}, for people; else empty. */
    public String trouble() {
        return trouble;
    }

    /** What is wrong with the disk since it was written last, for people; empty when both slots hold the last state. */
    public String damage() {
        return damage;
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
     * something may have been in flight. One that ends before this leaves what it has found.
     *
     * @throws IOException it could not be made durable: no request must be let through
     */
    public void taken() throws IOException {
        life = TAKEN;
        writeLife(TAKEN);
    }

    /**
     * Nothing is in flight and nothing can be any more.
     *
     * @throws IOException it could not be made durable: the next start will believe that something was in flight
     */
    public void givenBack() throws IOException {
        writeLife(GIVEN_BACK);
        life = GIVEN_BACK;
    }

    private void writeLife(byte[] how) throws IOException {
        disk.write(LIFE_AT, how);
        disk.sync();
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Starts a new file, whole and durable; how the last process ended is in it as it was found. What was there is kept aside. */
    public void create(Routing start) throws IOException {
        sequence++;
        life = endedWell ? GIVEN_BACK : TAKEN;
        disk.create(whole(new Slot(sequence, start).encode()));
        routing = start;
        Arrays.fill(good, true);
        certain = true;
        damage = "";
    }

    /**
     * Makes a routing durable. It is when one slot has it; the second one is against rot.
     *
     * @throws IOException it could not be written. The former routing has been written back as far as the disk takes it: after a
     *     power failure it may be this routing or the one before. Also when only one slot had the last state and neither the other
     *     one nor a new file can be written: a crash while the last one is overwritten would bring back an older state than was
     *     acknowledged
     */
    public void write(Routing next) throws IOException {
        Routing former = routing;
        sequence++;
        byte[] slot = new Slot(sequence, next).encode();
        damage = "";
        certain = false;
        try {
            writeSlots(slot, former);
            routing = next;
            certain = true;
        } catch (IOException e) {
            damage = disk.name() + ": it cannot be written, so nothing can be changed: " + e
                    + "; see to the disk and its space, the next change tries again";
            writeBack(former);
            throw e;
        }
    }

    private void writeSlots(byte[] slot, @Nullable Routing former) throws IOException {
        // Nothing to lose, too, when neither is good.
        boolean spare = good[0] == good[1];
        int first = good[0] && !good[1] ? 1 : 0;
        try {
            writeSlot(first, slot);
        } catch (IOException e) {
            LOG.error("{}: slot {} cannot be written, trying elsewhere: {}", disk.name(), first, e.toString());
            // Not the same slot again: after a failed fdatasync the kernel may take its pages for clean.
            if (spare) {
                writeSlot(1 - first, slot);
                oneSlotOnly(first, e);
            } else {
                makeAnew(slot, 1 - first, former);
            }
            return;
        }
        good[1 - first] = false;
        try {
            writeSlot(1 - first, slot);
        } catch (IOException e) {
            oneSlotOnly(1 - first, e);
        }
    }

    /** The whole file, with both slots the same. */
    private void makeAnew(byte[] slot, int onlyGood, @Nullable Routing former) throws IOException {
        try {
            disk.replace(whole(slot));
            Arrays.fill(good, true);
            LOG.warn("{}: it has been made anew", disk.name());
        } catch (IOException e) {
            Slot still = read(onlyGood); // the new file may have come into place before it failed
            good[onlyGood] = still != null && still.routing().equals(former);
            throw e;
        }
    }

    /**
     * What was refused must not come back when this process is killed: the kernel has it, although the disk may not. The former
     * routing goes over it, as a later write, wherever it may.
     */
    private void writeBack(@Nullable Routing former) {
        if (former == null) {
            return;
        }
        sequence++;
        byte[] slot = new Slot(sequence, former).encode();
        for (int i = 0; i < good.length; i++) {
            try {
                if (!good[i]) {
                    writeSlot(i, slot);
                }
            } catch (IOException e) {
                LOG.error("{}: slot {} may bring back what was refused: {}", disk.name(), i, e.toString());
            }
        }
        certain = good[0] && good[1];
        if (certain) {
            damage = "";
        }
    }

    private Opened openFile() {
        endedWell = readsGivenBack();
        life = endedWell ? GIVEN_BACK : TAKEN;
        Slot zero = read(0);
        Slot one = read(1);
        if (zero == null && one == null) {
            return lost("both of its slots are unreadable");
        }
        Slot newest = newer(zero, one);
        Slot other = newest.equals(zero) ? one : zero;
        int behind = newest.equals(zero) ? 1 : 0;
        sequence = newest.sequence();
        routing = newest.routing();
        certain = true;
        good[1 - behind] = true;
        good[behind] = newest.equals(other);
        if (!good[behind]) {
            LOG.warn("{}: slot {} is {}; repaired from the other one", disk.name(), behind, describe(other));
            try {
                writeSlot(behind, newest.encode());
            } catch (IOException e) {
                oneSlotOnly(behind, e);
            }
        }
        return Opened.FOUND;
    }

    /** What a slot says; one that the disk cannot read is as good as a rotten one. */
    private @Nullable Slot read(int slot) {
        try {
            return Slot.decode(disk.read(slot * Slot.SIZE, Slot.SIZE));
        } catch (IOException e) {
            LOG.error("{}: slot {} cannot be read: {}", disk.name(), slot, e.toString());
            return null;
        }
    }

    private boolean readsGivenBack() {
        try {
            return Arrays.equals(disk.read(LIFE_AT, GIVEN_BACK.length), GIVEN_BACK);
        } catch (IOException e) {
            LOG.error("{}: how the last process ended cannot be read: {}", disk.name(), e.toString());
            return false;
        }
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

    private void oneSlotOnly(int bad, IOException why) {
        damage = disk.name() + ": slot " + bad + " cannot be written, the state is in the other one only: " + why
                + "; see to the disk and its space, the next change tries again";
        LOG.error("{}", damage);
    }

    private byte[] whole(byte[] slot) {
        byte[] all = Arrays.copyOf(slot, SIZE);
        System.arraycopy(slot, 0, all, Slot.SIZE, Slot.SIZE);
        System.arraycopy(life, 0, all, LIFE_AT, life.length);
        return all;
    }

    private void writeSlot(int slot, byte[] content) throws IOException {
        good[slot] = false;
        disk.write(slot * Slot.SIZE, content);
        disk.sync();
        good[slot] = true;
    }
}
