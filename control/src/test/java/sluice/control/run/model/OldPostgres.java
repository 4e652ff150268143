package sluice.control.run.model;

import java.time.Duration;
import sluice.control.postgres.Lsn;
import sluice.control.postgres.PostgresException;
import sluice.control.run.model.World.Fate;

/** The Postgres that is left. Positions count records; a shutdown writes one more. */
final class OldPostgres extends SimPostgres {
    boolean up = true;
    boolean primary = true;
    /** standby.signal as a restart of the machine finds it. */
    boolean fenced;
    /** standby.signal as this boot of the machine sees it. */
    boolean fenceSeen;

    boolean bounded;
    long end = 10;
    long acknowledged = 10;
    private long marker;
    /** Where the shutdown checkpoint begins, or -1. */
    long checkpoint = -1;

    OldPostgres(World world) {
        super(world, "old postgres");
    }

    boolean writable() {
        return up && primary;
    }

    /** One write at a time that the standby has not got yet: more of them would show nothing new. */
    void written() {
        if (writable() && world.fresh.received >= end) {
            end++;
            acknowledged = end;
        }
    }

    boolean restartMatters() {
        return !up || primary == fenced;
    }

    /** Somebody restarts or starts it, or the machine reboots: what is on disk decides what it becomes. */
    void restarted() {
        if (writable()) {
            shutDown(end + 1);
        }
        fenceSeen = fenced;
        come();
    }

    /** Writes the shutdown checkpoint; the standby gets the log up to {@code shipped}. */
    private void shutDown(long shipped) {
        checkpoint = end;
        end++;
        if (!world.fresh.primary) {
            world.fresh.received = shipped;
        }
        up = false;
    }

    private void come() {
        up = true;
        primary = !fenceSeen;
        if (primary) {
            checkpoint = -1;
        }
        world.invariants();
    }

    @Override
    public Status status() throws PostgresException {
        looked("status");
        Status status = up
                ? primary ? Status.PRIMARY : Status.STANDBY
                : fenceSeen ? Status.STOPPED_STANDBY : Status.STOPPED_PRIMARY;
        return seen(status);
    }

    @Override
    public Identity identity() throws PostgresException {
        looked("identity");
        return new Identity("7", 1, 150018);
    }

    @Override
    public ReplicaView replica(String applicationName) throws PostgresException {
        looked("replica");
        return new ReplicaView("streaming", flushedEnd(), flushedEnd(), flushedEnd());
    }

    private Lsn flushedEnd() {
        return new Lsn(end);
    }

    @Override
    public Lsn flushed() throws PostgresException {
        looked("flushed");
        return flushedEnd();
    }

    @Override
    public void boundWalSender(Duration timeout) throws PostgresException {
        changed("boundWalSender", () -> bounded = true);
    }

    @Override
    public void resetWalSender() throws PostgresException {
        changed("resetWalSender", () -> bounded = false);
    }

    @Override
    public Lsn marker(String run) throws PostgresException {
        if (!writable()) {
            looked("marker");
            throw new PostgresException("read-only");
        }
        changed("marker", () -> marker = ++end);
        return new Lsn(marker);
    }

    @Override
    public void fence(String primaryConninfo) throws PostgresException {
        changed("fence", () -> {
            fenceSeen = true;
            fenced = world.mutant != Mutant.FENCE_NOT_DURABLE;
        });
    }

    @Override
    public boolean fenced() throws PostgresException {
        looked("fenced");
        return seen(fenceSeen);
    }

    @Override
    public void unfence() throws PostgresException {
        changed("unfence", () -> {
            fenced = false;
            fenceSeen = false;
        });
    }

    @Override
    public void stop(Duration bound) throws PostgresException {
        // The choices after a clean stop: all was sent before it ended, or the receiver was frozen.
        Fate fate = world.change(name() + ".stop");
        if (fate != Fate.FAILED && up) {
            if (primary) {
                int frozen = world.chooser.faultsLeft() > 0 ? world.chooser.choose(3, world::key) : 0;
                world.observe(frozen);
                if (frozen > 0) {
                    world.chooser.spend();
                    world.tell("   !! the receiver freezes " + (frozen == 1 ? "before" : "at the last record of")
                            + " the stop, which succeeds all the same");
                    world.pass(2_000);
                }
                shutDown(frozen == 0 ? end + 1 : frozen == 1 ? world.fresh.received : end);
            } else {
                up = false;
            }
        }
        finish(fate);
    }

    @Override
    public void start(Duration bound) throws PostgresException {
        changed("start", () -> {
            if (!up) {
                come();
            }
        });
    }

    @Override
    public void dropSlot(String name) throws PostgresException {
        // The model has no disk that a forgotten slot could fill; only that the call may fail counts here.
        changed("dropSlot", () -> {});
    }

    @Override
    public ControlData controlData() throws PostgresException {
        looked("controlData");
        String state = checkpoint < 0 ? "in production" : primary ? "shut down" : "shut down in recovery";
        return seen(
                new ControlData(state, new Lsn(Math.max(checkpoint, 0)), new Lsn(Math.max(checkpoint, 0)), 1, "7"),
                state);
    }

    long mixInto(long key) {
        long mixed = World.mix(key, bits(up, primary, fenced, fenceSeen, bounded));
        mixed = World.mix(mixed, end - world.fresh.received);
        mixed = World.mix(mixed, end - world.fresh.replayed);
        mixed = World.mix(mixed, end - acknowledged);
        mixed = World.mix(mixed, marker == 0 ? -1 : end - marker);
        return World.mix(mixed, checkpoint < 0 ? -1 : end - checkpoint);
    }
}
