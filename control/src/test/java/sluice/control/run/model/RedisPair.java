package sluice.control.run.model;

import sluice.control.redis.RedisException;
import sluice.control.redis.RedisServer;
import sluice.control.run.model.Stopped.Violation;
import sluice.control.run.model.World.Fate;

/** A master with its replica. A restart of the replica loses what it has, until it has copied it again. */
final class RedisPair {
    private static final long NOBODY = Long.MIN_VALUE;

    private final World world;
    private boolean oldReplica;
    private boolean fencedNow;
    private boolean fencedOnDisk;
    private long pausedUntil = NOBODY;
    private int oldStarts;
    private int newStarts;
    private long offset = 10;
    private long marked = NOBODY;
    private String nonce;
    private long copied = 10;
    private boolean link = true;
    boolean newMaster;

    RedisPair(World world) {
        this.world = world;
    }

    boolean oldWritable() {
        return !oldReplica && !fencedNow && pausedUntil == NOBODY;
    }

    void written() {
        if (oldWritable() && copied >= offset) {
            offset++;
        }
    }

    void oldRestarted() {
        oldStarts++;
        fencedNow = fencedOnDisk;
        pausedUntil = NOBODY;
        world.invariants();
    }

    void newRestarted() {
        newStarts++;
        copied = 0;
        link = false;
    }

    void unpause() {
        if (pausedUntil != NOBODY && world.now >= pausedUntil) {
            pausedUntil = NOBODY;
            world.tell("   .. the pause of old redis has run out");
            world.invariants();
        }
    }

    private void replicate() {
        if (newMaster || oldReplica || (copied >= offset && link)) {
            return;
        }
        int choice = world.chooser.faultsLeft() > 0 ? world.chooser.choose(2, world::key) : 0;
        world.observe(choice);
        if (choice == 0) {
            copied = offset;
            link = true;
        } else {
            world.chooser.spend();
            world.tell("   !! new redis lags");
        }
    }

    long mixInto(long key) {
        long mixed = World.mix(
                key,
                SimPostgres.bits(
                        oldReplica, fencedNow, fencedOnDisk, pausedUntil != NOBODY, link, newMaster, marked != NOBODY));
        mixed = World.mix(mixed, ("old-" + oldStarts).equals(world.journal.fact("redis.0.old.run_id")) ? 1 : 0);
        mixed = World.mix(mixed, ("new-" + newStarts).equals(world.journal.fact("redis.0.new.run_id")) ? 1 : 0);
        mixed = World.mix(mixed, oldStarts * 16L + newStarts);
        mixed = World.mix(mixed, offset - copied);
        mixed = World.mix(mixed, marked == NOBODY ? 0 : offset - marked);
        String locked = world.journal.fact("redis.0.offset");
        mixed = World.mix(mixed, locked.isEmpty() ? -1 : offset - Long.parseLong(locked));
        return World.mix(mixed, pausedUntil == NOBODY ? 0 : pausedUntil - world.now);
    }

    /** One of the two as control sees it. */
    abstract class Instance implements RedisServer {
        private final String name;

        Instance(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        void looked(String call) throws RedisException {
            if (!world.look(name + "." + call)) {
                throw new RedisException(name + ": no answer to " + call);
            }
        }

        void changed(String call, Runnable effect) throws RedisException {
            Fate fate = world.change(name + "." + call);
            if (fate != Fate.FAILED) {
                effect.run();
                world.invariants();
            }
            if (fate == Fate.DONE_THEN_KILLED) {
                throw new Stopped.Crash();
            }
            if (fate != Fate.DONE) {
                throw new RedisException(name + ": timed out");
            }
        }

        @Override
        public void open() throws RedisException {
            looked("open");
        }

        @Override
        public boolean rewritable() throws RedisException {
            looked("rewritable");
            return true;
        }

        @Override
        public void close() {}
    }

    final RedisServer old = new Instance("old redis") {
        @Override
        public View view() throws RedisException {
            looked("view");
            boolean locked = fencedNow || pausedUntil != NOBODY;
            world.observe(SimPostgres.bits(oldReplica, locked) + oldStarts * 4L);
            return new View(
                    !oldReplica,
                    "old-" + oldStarts,
                    offset,
                    oldReplica && newMaster,
                    false,
                    locked,
                    oldReplica ? "new:6379" : null);
        }

        @Override
        public long mark(String run) throws RedisException {
            if (!oldWritable()) {
                looked("mark");
                throw new RedisException("refused");
            }
            changed("mark", () -> {
                marked = ++offset;
                nonce = run;
            });
            return offset;
        }

        @Override
        public String marked() throws RedisException {
            looked("marked");
            return nonce;
        }

        @Override
        public void fence() throws RedisException {
            changed("fence", () -> {
                if (world.mutant == Mutant.REDIS_PAUSE_ONLY) {
                    pausedUntil = world.now + 60_000;
                } else {
                    fencedNow = true;
                    fencedOnDisk = true;
                }
            });
        }

        @Override
        public void unfence() throws RedisException {
            changed("unfence", () -> {
                fencedNow = false;
                fencedOnDisk = false;
                pausedUntil = NOBODY;
            });
        }

        @Override
        public void promote(String runId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void follow(String host, int port) throws RedisException {
            changed("follow", () -> oldReplica = true);
        }
    };

    private String start() {
        return "new-" + (world.mutant == Mutant.REDIS_RESTART_UNNOTICED ? 0 : newStarts);
    }

    final RedisServer fresh = new Instance("new redis") {
        @Override
        public View view() throws RedisException {
            looked("view");
            replicate();
            world.observe(SimPostgres.bits(newMaster, link, copied >= offset) + start().hashCode() * 8L);
            return new View(newMaster, start(), copied, link && !newMaster, !link, false, null);
        }

        @Override
        public long mark(String run) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String marked() throws RedisException {
            looked("marked");
            boolean has = marked != NOBODY && copied >= marked;
            world.observe(has);
            return has ? nonce : null;
        }

        @Override
        public void fence() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void unfence() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void promote(String runId) throws RedisException {
            boolean[] sameStart = {true};
            changed("promote", () -> {
                sameStart[0] = runId.equals(start());
                if (!sameStart[0]) {
                    return;
                }
                newMaster = true;
                if (copied < offset) {
                    throw new Violation(World.REDIS_LOST);
                }
            });
            if (!sameStart[0]) {
                throw new RedisException("new redis: another start");
            }
        }

        @Override
        public void follow(String host, int port) {
            throw new UnsupportedOperationException();
        }
    };
}
