package sluice.control.run.model;

import java.time.Duration;
import sluice.control.postgres.Lsn;
import sluice.control.postgres.PostgresException;
import sluice.control.run.model.Stopped.Violation;
import sluice.control.run.model.World.Fate;

/** The Postgres that takes over. What it has received but not replayed a restart loses. */
final class NewPostgres extends SimPostgres {
    boolean primary;
    boolean promotionPending;
    private long askedAt;
    boolean slot;
    long received = 10;
    long replayed = 10;

    NewPostgres(World world) {
        super(world, "new postgres");
    }

    /** Promotion replays everything received, and ends whatever its caller believes. */
    void completePromotion() {
        world.tell("   .. the promotion completes");
        promotionPending = false;
        primary = true;
        replayed = received;
        if (replayed < world.old.acknowledged) {
            throw new Violation(World.POSTGRES_LOST);
        }
        if (world.old.checkpoint >= 0 && replayed <= world.old.checkpoint) {
            throw new Violation(World.FORKED);
        }
        world.invariants();
    }

    /** Late is longer than a step waits, and not for ever. */
    void hurry() {
        if (promotionPending && world.now >= askedAt + 45_000) {
            completePromotion();
        }
    }

    boolean restartMatters() {
        return promotionPending || (!primary && received > replayed);
    }

    void restarted() {
        promotionPending = false;
        received = replayed;
    }

    /** Replication goes on by itself, or not: asked when somebody looks. */
    private void stream() {
        if (primary) {
            return;
        }
        boolean canReceive = world.old.writable() && received < world.old.end;
        boolean canReplay = canReceive || replayed < received;
        if (!canReplay) {
            return;
        }
        int choice = world.chooser.faultsLeft() > 0 ? world.chooser.choose(3, world::key) : 0;
        world.observe(choice);
        if (choice > 0) {
            world.chooser.spend();
            world.tell(choice == 1 ? "   !! received, not replayed" : "   !! nothing arrives");
        }
        if (choice < 2 && canReceive) {
            received = world.old.end;
        }
        if (choice == 0) {
            replayed = received;
        }
    }

    @Override
    public Status status() throws PostgresException {
        looked("status");
        return seen(primary ? Status.PRIMARY : Status.STANDBY);
    }

    @Override
    public Identity identity() throws PostgresException {
        looked("identity");
        return new Identity("7", primary ? 2 : 1, 150018);
    }

    @Override
    public StandbyView standby() throws PostgresException {
        looked("standby");
        stream();
        world.observe(received - world.old.end);
        return new StandbyView(true, 1, new Lsn(received), new Lsn(replayed), false, Duration.ZERO);
    }

    @Override
    public Lsn replayed() throws PostgresException {
        looked("replayed");
        stream();
        return seen(new Lsn(replayed), replayed - world.old.end);
    }

    @Override
    public ReplicaView replica(String applicationName) throws PostgresException {
        looked("replica");
        boolean streams = primary && slot && world.old.up && !world.old.primary;
        return seen(streams ? new ReplicaView("streaming", null, null, null) : null, streams);
    }

    @Override
    public void promote() throws PostgresException {
        Fate fate = world.change(name() + ".promote");
        if (fate != Fate.FAILED && !primary) {
            // Completes later, at any moment from now on: whoever waits sees it then.
            if (!promotionPending) {
                promotionPending = true;
                askedAt = world.now;
            }
            if (fate == Fate.DONE && world.chooser.choose(2, world::key) == 0) {
                completePromotion();
            }
        }
        finish(fate);
    }

    @Override
    public void start(Duration bound) throws PostgresException {
        looked("start");
    }

    @Override
    public void makeSlot(String name) throws PostgresException {
        changed("makeSlot", () -> slot = true);
    }

    @Override
    public void verifyAsApplication(String run) throws PostgresException {
        looked("verifyAsApplication");
        if (!primary) {
            throw new PostgresException("read-only");
        }
    }

    long mixInto(long key) {
        long mixed = World.mix(key, bits(primary, promotionPending, slot));
        return World.mix(mixed, promotionPending ? world.now - askedAt : 0);
    }
}
