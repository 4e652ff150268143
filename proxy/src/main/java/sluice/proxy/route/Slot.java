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
import sluice.proxy.config.Network;

/**
 * One slot of the state file: a routing, the number of the write, and a checksum over the whole slot.
 *
 * @param sequence grows by one at every write; of two good slots the higher one counts
 * @param routing what was written
 */
record Slot(long sequence, Routing routing) {
    /** Bytes of a slot: a page, so that two slots share none. */
    static final int SIZE = 4096;

    /** "Sluice01": without a preview. Written where it suffices, so that an older proxy can still read it. */
    private static final long MAGIC_1 = 0x536c756963653031L;
    /** "Sluice02": the same, and a preview behind it. */
    private static final long MAGIC_2 = 0x536c756963653032L;

    private static final int CHECKSUM_AT = SIZE - Integer.BYTES;

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(SIZE);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            Preview preview = routing.preview();
            out.writeLong(preview == null ? MAGIC_1 : MAGIC_2);
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
            if (preview != null) {
                out.writeUTF(preview.side().name());
                writeMark(out, preview.cookie());
                writeMark(out, preview.header());
                writeMark(
                        out,
                        preview.network() == null ? null : preview.network().toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        if (bytes.size() > CHECKSUM_AT) {
            throw new IllegalArgumentException(
                    "a hold's id and owner and a preview are too long for a slot: " + bytes.size() + " bytes");
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
            long magic = in.readLong();
            if (magic != MAGIC_1 && magic != MAGIC_2) {
                return null;
            }
            long sequence = in.readLong();
            long epoch = in.readLong();
            Side active = Side.valueOf(in.readUTF());
            Phase phase = Phase.valueOf(in.readUTF());
            Arrivals arrivals = Arrivals.valueOf(in.readUTF());
            Hold hold = in.readBoolean() ? hold(in) : null;
            Preview preview = magic == MAGIC_2 ? preview(in) : null;
            return new Slot(sequence, new Routing(epoch, active, phase, arrivals, hold, preview));
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

    private static Preview preview(DataInputStream in) throws IOException {
        Side side = Side.valueOf(in.readUTF());
        String cookie = readMark(in);
        String header = readMark(in);
        String network = readMark(in);
        return new Preview(side, cookie, header, network == null ? null : Network.parse(network));
    }

    private static void writeMark(DataOutputStream out, @Nullable String mark) throws IOException {
        out.writeBoolean(mark != null);
        if (mark != null) {
            out.writeUTF(mark);
        }
    }

    private static @Nullable String readMark(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }

    private static int checksum(byte[] slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot, 0, CHECKSUM_AT);
        return (int) crc.getValue();
    }
}
