package sluice.control.step;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.control.check.Limits;
import sluice.control.check.Side;
import sluice.control.gate.Gate;
import sluice.control.gate.GateException;
import sluice.control.gate.GateState;

/**
 * All proxies as one. Each call asks every gate for its state first and builds on that epoch: nothing is remembered
 * between calls.
 */
public final class Gates {
    /** The owner that a proxy gives a hold which it made itself because its state file was unreadable. */
    private static final String UNREADABLE = "state file";

    private static final String SHED = "shed";
    private static final String OPEN = "open";

    private final Moving moving;
    private final List<Gate> gates;
    private final Limits limits;

    Gates(Moving moving) {
        this.moving = moving;
        this.gates = moving.sides().gates();
        this.limits = moving.sides().limits();
    }

    /** Holds writes everywhere and waits until none is in flight. */
    void hold() throws StepException, IOException {
        for (Gate gate : gates) {
            GateState before = gate.state();
            GateState state = gate.hold(before.epoch(), limits.holdTtl(), OPEN, limits.drainWait(), moving.owner());
            if (!state.drained()) {
                throw StepException.failed(gate.name() + ": " + state.writesInFlight()
                        + " writes were still running after "
                        + limits.drainWait().toMillis() + " ms, and of " + state.unknown() + " nobody saw the end");
            }
        }
    }

    /** From here on an expired lease asks writes to retry; it does not open the gate. */
    void seal() throws StepException, IOException {
        for (Gate gate : gates) {
            GateState state = mine(gate, gate.state());
            gate.change(state.epoch(), holdId(state), limits.holdTtl(), SHED);
        }
    }

    /** The opposite of {@link #seal}. A hold that has ended meanwhile is left to the release. */
    void unseal() throws StepException, IOException {
        for (Gate gate : gates) {
            GateState state = gate.state();
            GateState.Hold hold = state.hold();
            if (hold != null
                    && hold.owner().equals(moving.owner())
                    && hold.expiry().equals(SHED)) {
                try {
                    gate.change(state.epoch(), hold.id(), limits.holdTtl(), OPEN);
                } catch (GateException ended) {
                    moving.warnings().accept(gate.name() + ": the pause had run out; writes were asked to retry");
                }
            }
        }
    }

    /** New requests go to {@code to}; drained before it. */
    void flip(Side to) throws StepException, IOException {
        for (Gate gate : gates) {
            GateState state = mine(gate, gate.state());
            gate.flip(state.epoch(), to.name(), true);
        }
    }

    /** Whatever the gates do, new requests go to {@code to}. */
    void flipBack(Side to) throws IOException {
        for (Gate gate : gates) {
            GateState state = gate.state();
            if (!state.active().equals(to.name())) {
                gate.flip(state.epoch(), to.name(), false);
            }
        }
    }

    /** Still this run's hold, sealed, sending to {@code to}, and not one write in flight anywhere. */
    void requireSealed(Side to) throws StepException, IOException {
        for (Gate gate : gates) {
            GateState state = mine(gate, gate.state());
            GateState.Hold hold = state.hold();
            boolean sealed = hold != null && hold.expiry().equals(SHED);
            if (!sealed || !state.drained() || !state.active().equals(to.name())) {
                throw StepException.failed(gate.name() + " is no longer as this run left it: " + describe(state));
            }
            if (state.writesInFlight() > 0 || state.unknown() > 0) {
                throw StepException.failed(gate.name() + ": a write runs although the pause was complete");
            }
        }
    }

    /** Renews the lease everywhere. */
    public void renew() throws StepException, IOException {
        for (Gate gate : gates) {
            GateState state = mine(gate, gate.state());
            gate.change(state.epoch(), holdId(state), limits.holdTtl(), null);
        }
    }

    /**
     * Opens every gate towards {@code to}, which must be seen to accept writes. A gate that is open towards it already
     * is left alone, and so is a hold of somebody else.
     */
    void release(Side to) throws StepException, IOException {
        for (Gate gate : gates) {
            GateState state = gate.state();
            if (!openTo(state, to)) {
                GateState.Hold hold = state.hold();
                if (hold != null
                        && !hold.owner().equals(moving.owner())
                        && !hold.owner().equals(UNREADABLE)) {
                    throw StepException.unsafe(gate.name() + " is paused by " + hold.owner()
                            + ", not by this run. May it be released? `sluice proxy release --to " + to.name()
                            + "` does it");
                }
                Writable.require(to);
                gate.release(state.epoch(), hold == null ? null : hold.id(), to.name());
                moving.await("open: " + gate.name(), limits.open(), () -> openTo(gate.state(), to));
            }
        }
    }

    /** What every gate says now. */
    public List<GateState> states() throws IOException {
        List<GateState> states = new ArrayList<>(gates.size());
        for (Gate gate : gates) {
            states.add(gate.state());
        }
        return states;
    }

    private static boolean openTo(GateState state, Side to) {
        return state.open() && state.active().equals(to.name());
    }

    private GateState mine(Gate gate, GateState state) throws StepException {
        GateState.Hold hold = state.hold();
        if (hold == null || !hold.owner().equals(moving.owner())) {
            throw StepException.failed(gate.name() + ": this run's pause has ended; it is " + describe(state));
        }
        return state;
    }

    private static String holdId(GateState state) {
        GateState.@Nullable Hold hold = state.hold();
        return hold == null ? "" : hold.id();
    }

    private static String describe(GateState state) {
        GateState.Hold hold = state.hold();
        return state.phase() + ", sending to " + state.active()
                + (hold == null ? "" : ", paused by " + hold.owner() + " (expiry " + hold.expiry() + ")");
    }
}
