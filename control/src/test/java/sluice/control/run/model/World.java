package sluice.control.run.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.control.run.model.Stopped.Violation;

/**
 * Both sides, the proxy, the journal and the clock. Writers that use no proxy write wherever a server lets them, at every
 * moment: the worst case for "nothing acknowledged is lost".
 */
final class World {
    /** What happens without control's doing. Each costs a fault. */
    private enum Event {
        OLD_POSTGRES_RESTARTED,
        NEW_POSTGRES_RESTARTED,
        OLD_REDIS_RESTARTED,
        NEW_REDIS_RESTARTED,
        STALLED,
        ABORT_REQUESTED,
        PROMOTED_BY_HAND
    }

    /** How a call ends. */
    enum Fate {
        DONE,
        FAILED,
        FAILED_BUT_DONE,
        DONE_THEN_KILLED
    }

    static final String TWO_POSTGRES = "two writable Postgres";
    static final String TWO_REDIS = "two writable Redis";
    static final String POSTGRES_LOST = "new was promoted without what old had acknowledged";
    static final String REDIS_LOST = "new Redis was promoted without what old Redis had acknowledged";
    static final String FORKED = "new forked before the end of old's log: no lossless way back";
    static final String JOBS_ON_BOTH = "jobs are worked on by new while old may do so too";
    static final String JOBS_ON_A_STANDBY = "jobs are worked on by new, which cannot write";
    static final String OPEN_TO_READ_ONLY = "the gate is open towards a side that cannot write";

    final Chooser chooser;
    final Mutant mutant;
    final OldPostgres old = new OldPostgres(this);
    final NewPostgres fresh = new NewPostgres(this);
    final RedisPair redis = new RedisPair(this);
    final SimGate gate = new SimGate(this);
    final SimJournal journal = new SimJournal(this);
    /** The two Sidekiq; only some searches have them, since each call is a choice. */
    final @Nullable SimWorkers oldWorkers;

    final @Nullable SimWorkers newWorkers;
    private final boolean tracing;
    private final List<String> trace = new ArrayList<>();
    long now = 1_000_000;
    long incarnationStart = now;
    int incarnation;
    boolean controlAlive = true;
    boolean abortRequested;
    boolean promotedByHand;
    boolean newAccepted;
    private long observed;

    World(Chooser chooser, Mutant mutant, boolean jobs, boolean tracing) {
        this.chooser = chooser;
        this.mutant = mutant;
        this.oldWorkers = jobs ? new SimWorkers(this, "old", true) : null;
        this.newWorkers = jobs ? new SimWorkers(this, "new", false) : null;
        this.tracing = tracing;
    }

    List<String> trace() {
        return List.copyOf(trace);
    }

    boolean tracing() {
        return tracing;
    }

    void tell(String what) {
        if (tracing) {
            trace.add(what);
        }
    }

    /** What control has seen since its last record, which is all that it knows beside the journal. */
    void observe(Object value) {
        observed = observed * 0x100000001b3L + value.hashCode() + 0x9E3779B97F4A7C15L;
    }

    void forgetObservations() {
        observed = 0;
    }

    /** Called before each call of a port that only looks. Returns false when the call fails. */
    boolean look(String call) {
        observe(call);
        return step(call, false) == Fate.DONE;
    }

    /** Called before each call of a port that changes something. */
    Fate change(String call) {
        observe(call);
        return step(call, true);
    }

    private Fate step(String call, boolean changes) {
        writers();
        while (true) {
            List<Event> events = events();
            boolean faulty = chooser.faultsLeft() > 0;
            int fates = !faulty ? 1 : changes ? 4 : 2;
            int late = fresh.promotionPending ? 1 : 0;
            int options = fates + late + (faulty ? events.size() : 0);
            int choice = chooser.choose(options, this::key);
            if (choice < fates) {
                Fate fate = Fate.values()[choice];
                if (choice > 0) {
                    chooser.spend();
                }
                observe(fate.name());
                if (tracing) {
                    tell(call + (fate == Fate.DONE ? "" : "  <- " + fate));
                }
                return fate;
            }
            if (choice < fates + late) {
                fresh.completePromotion();
            } else {
                chooser.spend();
                happen(events.get(choice - fates - late));
            }
            writers();
        }
    }

    /** While control is dead, anything may happen that does so anyway, one after another. */
    void downtime() {
        controlAlive = false;
        writers();
        while (true) {
            List<Event> events = chooser.faultsLeft() > 0 ? events() : List.of();
            int late = fresh.promotionPending ? 1 : 0;
            int choice = chooser.choose(1 + late + events.size(), this::key);
            if (choice == 0) {
                break;
            }
            if (choice <= late) {
                fresh.completePromotion();
            } else {
                chooser.spend();
                happen(events.get(choice - 1 - late));
            }
            writers();
        }
        controlAlive = true;
    }

    private List<Event> events() {
        List<Event> possible = new ArrayList<>(7);
        if (old.restartMatters()) {
            possible.add(Event.OLD_POSTGRES_RESTARTED);
        }
        if (fresh.restartMatters()) {
            possible.add(Event.NEW_POSTGRES_RESTARTED);
        }
        possible.add(Event.OLD_REDIS_RESTARTED);
        if (!redis.newMaster) {
            possible.add(Event.NEW_REDIS_RESTARTED);
        }
        possible.add(Event.STALLED);
        if (controlAlive && !abortRequested) {
            possible.add(Event.ABORT_REQUESTED);
        }
        // Somebody sees the old database down and the run dead, and promotes the other one.
        if (!controlAlive && old.fenced && !old.writable() && !fresh.primary && !fresh.promotionPending) {
            possible.add(Event.PROMOTED_BY_HAND);
        }
        return possible;
    }

    private void happen(Event event) {
        tell("   !! " + event);
        switch (event) {
            case OLD_POSTGRES_RESTARTED -> old.restarted();
            case NEW_POSTGRES_RESTARTED -> fresh.restarted();
            case OLD_REDIS_RESTARTED -> redis.oldRestarted();
            case NEW_REDIS_RESTARTED -> redis.newRestarted();
            case STALLED -> pass(30_000);
            case ABORT_REQUESTED -> abortRequested = true;
            case PROMOTED_BY_HAND -> {
                promotedByHand = true;
                fresh.completePromotion();
            }
        }
    }

    /** Time goes on; what was timed happens. */
    void pass(long millis) {
        now += millis;
        gate.expire();
        redis.unpause();
        fresh.hurry();
    }

    /** Whoever can write does. Then everything that must always hold is looked at. */
    void writers() {
        old.written();
        redis.written();
        if (fresh.primary) {
            newAccepted = true;
        }
        invariants();
    }

    void invariants() {
        if (old.writable() && fresh.primary) {
            throw new Violation(TWO_POSTGRES);
        }
        if (redis.oldWritable() && redis.newMaster) {
            throw new Violation(TWO_REDIS);
        }
        if (old.writable() && newAccepted) {
            throw new Violation("old accepts writes again although new has accepted some: those are lost");
        }
        if (oldWorkers != null && newWorkers != null && newWorkers.isRunning()) {
            if (oldWorkers.mayRun()) {
                throw new Violation(JOBS_ON_BOTH);
            }
            if (!fresh.primary || !redis.newMaster) {
                throw new Violation(JOBS_ON_A_STANDBY);
            }
        }
        if (gate.isOpen()) {
            boolean writable = gate.active.equals("old")
                    ? old.writable() && redis.oldWritable()
                    : fresh.primary && redis.newMaster;
            if (!writable) {
                throw new Violation(OPEN_TO_READ_ONLY);
            }
        }
    }

    /** Everything that decides what can happen from here on. Times and positions are relative. */
    long key() {
        long key = observed;
        key = mix(key, incarnation > 0 ? 1 : 0);
        key = mix(
                key,
                (controlAlive ? 1 : 0) | (abortRequested ? 2 : 0) | (promotedByHand ? 4 : 0) | (newAccepted ? 8 : 0));
        key = mix(key, now - incarnationStart);
        key = old.mixInto(key);
        key = fresh.mixInto(key);
        key = redis.mixInto(key);
        key = gate.mixInto(key);
        if (oldWorkers != null && newWorkers != null) {
            key = newWorkers.mixInto(oldWorkers.mixInto(key));
        }
        return journal.mixInto(key);
    }

    static long mix(long key, long value) {
        long mixed = (key ^ value) * 0xff51afd7ed558ccdL;
        mixed ^= mixed >>> 32;
        return mixed * 0xc4ceb9fe1a85ec53L + value;
    }
}
