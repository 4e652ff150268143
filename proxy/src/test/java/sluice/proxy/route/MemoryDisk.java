package sluice.proxy.route;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** A disk in memory on which the power can fail: what was not synced may be there, in part, or not. */
public final class MemoryDisk implements Disk {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Write(int position, byte[] content) {}

    private byte[] durable;
    private boolean used;
    private final List<Write> pending = new ArrayList<>();
    /** Where the medium is worn out: neither written nor, perhaps, read. */
    private final Set<Integer> bad = new HashSet<>();

    private boolean badIsUnreadable;
    private boolean full;
    private int writeFailures;
    private boolean failed;
    private int failures;
    private int syncFailures;
    private int writes;

    @Override
    public Found find() {
        if (durable != null) {
            return Found.FILE;
        }
        return used ? Found.MISSING : Found.NEW;
    }

    @Override
    public void create(byte[] content) {
        durable = content.clone();
        used = true;
        pending.clear();
    }

    @Override
    public void replace(byte[] content) throws IOException {
        writes++;
        if (full) {
            throw new IOException("simulated: no space left on device");
        }
        failIfWanted();
        if (syncFailures > 0) {
            syncFailures--;
            failed = true;
            throw new IOException("simulated: input/output error of a sync");
        }
        bad.clear();
        create(content);
    }

    @Override
    public byte[] read(int position, int length) throws IOException {
        if (badIsUnreadable && bad.contains(position)) {
            throw new IOException("simulated: input/output error at " + position);
        }
        byte[] all = durable.clone();
        pending.forEach(write -> System.arraycopy(write.content(), 0, all, write.position(), write.content().length));
        byte[] part = new byte[length];
        System.arraycopy(all, position, part, 0, Math.max(0, Math.min(length, all.length - position)));
        return part;
    }

    @Override
    public void write(int position, byte[] content) throws IOException {
        writes++;
        failIfWanted();
        if (bad.contains(position)) {
            failed = true;
            throw new IOException("simulated: input/output error at " + position);
        }
        if (position + content.length > durable.length) {
            throw new IOException("simulated: no space left on device");
        }
        pending.add(new Write(position, content.clone()));
    }

    private void failIfWanted() throws IOException {
        if (failures > 0) {
            failures--;
            writeFailures++;
            failed = true;
            throw new IOException("simulated: input/output error");
        }
    }

    @Override
    public void sync() throws IOException {
        if (syncFailures > 0) {
            syncFailures--;
            failed = true;
            throw new IOException("simulated: input/output error of a sync");
        }
        pending.forEach(
                write -> System.arraycopy(write.content(), 0, durable, write.position(), write.content().length));
        pending.clear();
    }

    @Override
    public String name() {
        return "memory";
    }

    /** The next writes fail. */
    public void fail(int times) {
        failures = times;
    }

    /** The next syncs fail: what was written may arrive or not. */
    public void failSyncs(int times) {
        syncFailures = times;
    }

    /** Whether anything has failed since this disk was made. */
    public boolean hasFailed() {
        return failed;
    }

    /** From now on a place can never be written again, and no other one is such. */
    public void wearOut(int position, boolean readable) {
        bad.clear();
        bad.add(position);
        badIsUnreadable = !readable;
    }

    /** There is room for nothing new, or there is again. */
    public void fill(boolean isFull) {
        full = isFull;
    }

    /** How often a write has failed, because of {@link #fail}, since this disk was made. */
    public int writeFailures() {
        return writeFailures;
    }

    /** How often it was written. */
    public int writes() {
        return writes;
    }

    /** A copy with everything that is durable for sure, and nothing else. */
    public MemoryDisk certain() {
        MemoryDisk copy = new MemoryDisk();
        copy.durable = durable == null ? null : durable.clone();
        copy.used = used;
        copy.bad.addAll(bad);
        copy.badIsUnreadable = badIsUnreadable;
        copy.full = full;
        return copy;
    }

    /**
     * The power fails.
     *
     * @param choose gives a number from 0 up to its argument: how many bytes of a write arrived
     */
    public MemoryDisk afterPowerFailure(IntUnaryOperator choose) {
        MemoryDisk copy = certain();
        for (Write write : pending) {
            int arrived = choose.applyAsInt(write.content().length);
            System.arraycopy(write.content(), 0, copy.durable, write.position(), arrived);
        }
        return copy;
    }

    /** The process dies and the machine does not: what was written is there, synced or not. */
    public MemoryDisk afterKill() {
        return afterPowerFailure(bound -> bound);
    }

    /** Somebody removes the file. */
    public void lose() {
        durable = null;
        pending.clear();
    }

    /** Something overwrites a byte. */
    public void rot(int position) {
        durable[position] ^= 0x55;
    }
}
