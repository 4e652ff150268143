package sluice.proxy.route;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One slot of the state file: a routing, the number of the write, and a checksum over the whole slot.
 *
 * @param sequence grows by one at every write; of two good slots the higher one counts
 * @param routing what was written
 */
record Slot(long sequence, Routing routing) {
    /** Bytes of a slot: a page, so that two slots share none. */
    static final int SIZE = 4096;

    private static final long MAGIC = 0x536c756963653031L; // "Sluice01"
    private static final int CHECKSUM_AT = SIZE - Integer.BYTES;

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(SIZE);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(MAGIC);
            out.writeLong(sequence);
            out.writeLong(routing.epoch());
            out.writeUTF(routing.active().name());
            out.writeUTF(routing.phase().name());
            out.writeUTF(routing.arrivals().name());
            Hold hold = routing.hold();
            out.writeBoolean(hold != null);
            if (hold != null) {
                out.writeUTF(hold.id());
                out.writeUTF(hold.owner());
                out.writeLong(hold.since().toEpochMilli());
                out.writeLong(hold.ttl().toMillis());
                out.writeLong(hold.expires().toEpochMilli());
                out.writeUTF(hold.expiry().name());
                out.writeUTF(hold.scope().name());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        if (bytes.size() > CHECKSUM_AT) {
            throw new IllegalArgumentException(
                    "a hold's id and owner are too long for a slot: " + bytes.size() + " bytes");
        }
        byte[] slot = Arrays.copyOf(bytes.toByteArray(), SIZE);
        ByteBuffer.wrap(slot).putInt(CHECKSUM_AT, checksum(slot));
        return slot;
    }

    /** What a slot says; null for one that is torn, rotten or was never written. */
    static @Nullable Slot decode(byte[] bytes) {
        if (bytes.length != SIZE || ByteBuffer.wrap(bytes).getInt(CHECKSUM_AT) != checksum(bytes)) {
            return null;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readLong() != MAGIC) {
                return null;
            }
            long sequence = in.readLong();
            long epoch = in.readLong();
            Side active = Side.valueOf(in.readUTF());
            Phase phase = Phase.valueOf(in.readUTF());
            Arrivals arrivals = Arrivals.valueOf(in.readUTF());
            Hold hold = in.readBoolean() ? hold(in) : null;
            return new Slot(sequence, new Routing(epoch, active, phase, arrivals, hold));
        } catch (IOException | IllegalArgumentException e) {
            return null; // written by a version that knows other words: as good as rotten
        }
    }

    private static Hold hold(DataInputStream in) throws IOException {
        return new Hold(
                in.readUTF(),
                in.readUTF(),
                Instant.ofEpochMilli(in.readLong()),
                Duration.ofMillis(in.readLong()),
                Instant.ofEpochMilli(in.readLong()),
                Expiry.valueOf(in.readUTF()),
                Scope.valueOf(in.readUTF()));
    }

    private static int checksum(byte[] slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot, 0, CHECKSUM_AT);
        return (int) crc.getValue();
    }
}
