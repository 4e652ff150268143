package sluice.control.run.model;

import java.time.Duration;
import java.util.Map;
import sluice.control.gate.Gate;
import sluice.control.gate.GateException;
import sluice.control.gate.GateState;
import sluice.control.run.model.World.Fate;

/** The proxy: its state is on disk before it answers, and its lease runs whether control lives or not. */
final class SimGate implements Gate {
    private final World world;
    private long epoch = 1;
    private long seenEpoch = 1;
    private String phase = "open";
    private String owner = "";
    private String expiry = "";
    private boolean held;
    private boolean shedding;
    private long leaseEnd;
    private int changes;
    String active = "old";

    SimGate(World world) {
        this.world = world;
    }

    boolean isOpen() {
        return phase.equals("open");
    }

    boolean held() {
        return held;
    }

    void expire() {
        if (held && !shedding && world.now >= leaseEnd) {
            epoch++;
            if (expiry.equals("open")) {
                world.tell("   .. the lease has run out: the gate opens towards " + active);
                held = false;
                phase = "open";
                world.invariants();
            } else {
                world.tell("   .. the lease has run out: writes are asked to retry");
                shedding = true;
            }
        }
    }

    long mixInto(long key) {
        long mixed = World.mix(key, SimPostgres.bits(held, shedding, active.equals("old"), epoch == seenEpoch));
        mixed = World.mix(mixed, phase.hashCode() * 31L + owner.hashCode() * 17L + expiry.hashCode());
        mixed = World.mix(mixed, changes);
        return World.mix(mixed, held && !shedding ? leaseEnd - world.now : 0);
    }

    /** Control is another process now; what the former one did to its lease is no part of it. */
    void controlRestarted() {
        changes = 0;
    }

    @Override
    public String name() {
        return "gate";
    }

    @Override
    public void open() throws GateException {
        if (!world.look("gate.open")) {
            throw new GateException(0, "gate: no answer");
        }
    }

    private interface Effect {
        void happen() throws GateException;
    }

    private GateState changed(String call, long ifMatch, Effect effect) throws GateException {
        Fate fate = world.change("gate." + call);
        if (fate == Fate.FAILED) {
            throw new GateException(0, "gate: connection refused");
        }
        if (ifMatch != epoch) {
            throw new GateException(412, "gate: the epoch is " + epoch);
        }
        effect.happen();
        world.invariants();
        if (fate == Fate.DONE_THEN_KILLED) {
            throw new Stopped.Crash();
        }
        if (fate == Fate.FAILED_BUT_DONE) {
            throw new GateException(0, "gate: no answer");
        }
        return snapshot();
    }

    private GateState snapshot() {
        seenEpoch = epoch;
        world.observe(phase + active + owner + expiry + held + shedding);
        return new GateState(
                epoch,
                active,
                phase,
                isOpen() ? "pass" : shedding ? "shed" : "park",
                held ? new GateState.Hold("h", owner, 20_000, expiry) : null,
                0,
                0,
                0,
                0,
                0,
                Map.of("old", true, "new", true),
                null,
                new GateState.Totals(0, 0, 0, 0, 0));
    }

    @Override
    public GateState state() throws GateException {
        if (!world.look("gate.state")) {
            throw new GateException(0, "gate: no answer");
        }
        return snapshot();
    }

    @Override
    public GateState hold(long ifMatch, Duration ttl, String becomes, Duration wait, String by) throws GateException {
        return changed("hold", ifMatch, () -> {
            if (held) {
                throw new GateException(409, "gate: held already");
            }
            held = true;
            shedding = false;
            owner = by;
            expiry = becomes;
            leaseEnd = world.now + ttl.toMillis();
            boolean drained = world.chooser.faultsLeft() == 0 || world.chooser.choose(2, world::key) == 0;
            if (!drained) {
                world.chooser.spend();
                world.tell("   !! a write does not end");
            }
            phase = drained ? "drained" : "holding";
            epoch++;
        });
    }

    @Override
    public GateState change(long ifMatch, String holdId, Duration ttl, String becomes) throws GateException {
        changes++;
        return changed("change" + (becomes == null ? "" : " expiry " + becomes), ifMatch, () -> {
            if (!held || shedding) {
                throw new GateException(409, "gate: the hold has ended");
            }
            if (ttl != null) {
                leaseEnd = world.now + ttl.toMillis();
            }
            if (becomes != null && !becomes.equals(expiry)) {
                expiry = becomes;
                epoch++;
            }
        });
    }

    @Override
    public GateState flip(long ifMatch, String to, boolean drained) throws GateException {
        return changed("flip to " + to, ifMatch, () -> {
            if (drained && !phase.equals("drained")) {
                throw new GateException(409, "gate: not drained");
            }
            active = to;
            epoch++;
        });
    }

    @Override
    public GateState release(long ifMatch, String holdId, String to) throws GateException {
        return changed("release to " + to, ifMatch, () -> {
            if (to != null) {
                active = to;
            }
            held = false;
            shedding = false;
            owner = "";
            expiry = "";
            phase = "open";
            epoch++;
        });
    }

    @Override
    public void close() {}
}
