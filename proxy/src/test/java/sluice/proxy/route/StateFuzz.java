package sluice.proxy.route;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Fuzz target: the state file. Whatever is in it, it opens, as found or as lost; what is found is what the newer readable slot says,
 * and is written again as it was read; what is written then is what the next start finds.
 *
 * <p>Input: a byte whose bits say which slots get a right checksum, two bytes with the length of what slot 0 begins with, that, and
 * what slot 1 begins with.
 */
public final class StateFuzz {
    private static final Routing NEXT = new Routing(77, Side.NEW, Phase.OPEN, Arrivals.PASS, null, null);

    private StateFuzz() {}

    /** For Jazzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length < 3) {
            return;
        }
        int length = Math.min(ByteBuffer.wrap(data).getShort(1) & 0xffff, data.length - 3);
        byte[] zero = slot(data, 3, 3 + length, (data[0] & 1) != 0);
        byte[] one = slot(data, 3 + length, data.length, (data[0] & 2) != 0);
        try {
            check(zero, one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] slot(byte[] data, int from, int to, boolean sealed) {
        byte[] slot = Arrays.copyOf(Arrays.copyOfRange(data, from, to), Slot.SIZE);
        if (sealed) {
            CRC32C crc = new CRC32C();
            crc.update(slot, 0, Slot.SIZE - Integer.BYTES);
            ByteBuffer.wrap(slot).putInt(Slot.SIZE - Integer.BYTES, (int) crc.getValue());
        }
        return slot;
    }

    private static void check(byte[] zero, byte[] one) throws IOException {
        Slot first = readable(zero);
        Slot second = readable(one);
        byte[] all = new byte[3 * Slot.SIZE];
        System.arraycopy(zero, 0, all, 0, Slot.SIZE);
        System.arraycopy(one, 0, all, Slot.SIZE, Slot.SIZE);
        MemoryDisk disk = new MemoryDisk();
        disk.create(all);
        StateFile file = new StateFile(disk);
        StateFile.Opened opened = file.open();
        if (first == null && second == null) {
            expect(opened == StateFile.Opened.LOST, "found in slots that nobody can read");
            return;
        }
        expect(opened == StateFile.Opened.FOUND, "lost although a slot can be read");
        Slot newer = second == null || (first != null && first.sequence() >= second.sequence()) ? first : second;
        expect(newer.routing().equals(file.routing()), "not what the newer slot says");
        if (newer.sequence() == Long.MAX_VALUE) {
            return; // no proxy lives as long
        }
        file.write(NEXT);
        StateFile again = new StateFile(disk.certain());
        expect(again.open() == StateFile.Opened.FOUND && NEXT.equals(again.routing()), "what was written is not found");
    }

    private static Slot readable(byte[] bytes) {
        Slot slot = Slot.decode(bytes);
        if (slot != null) {
            expect(slot.equals(Slot.decode(slot.encode())), "it is written otherwise than it was read: " + slot);
        }
        return slot;
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
