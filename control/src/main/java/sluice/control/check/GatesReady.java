package sluice.control.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import sluice.control.gate.Gate;
import sluice.control.gate.GateState;

/** Every gate answers, is open towards the side that has the site, and reaches both sides. */
final class GatesReady implements Check {
    @Override
    public String id() {
        return "proxies";
    }

    @Override
    public String title() {
        return "proxy";
    }

    @Override
    public List<Finding> look(Sides sides) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Gate gate : sides.gates()) {
            GateState state = gate.state();
            String from = sides.from().name();
            GateState.Hold hold = state.hold();
            if (hold != null) {
                findings.add(Finding.blocker(
                        gate.name() + " is paused by " + hold.owner(),
                        "wait for it, or end it with `sluice proxy release`"));
            } else if (!state.open()) {
                findings.add(Finding.blocker(gate.name() + " is " + state.phase(), "wait until it is open"));
            }
            if (!state.active().equals(from)) {
                findings.add(Finding.blocker(
                        gate.name() + " sends to " + state.active() + ", not to " + from,
                        "is this move done already? Else `sluice proxy flip " + from + "`"));
            }
            if (state.unknown() > 0) {
                findings.add(Finding.warning(
                        gate.name() + " has " + state.unknown() + " writes whose end nobody saw",
                        "they age out in a minute; until then the pause cannot become complete"));
            }
            if (state.oldestWriteMillis() >= sides.limits().drainWait().toMillis()) {
                findings.add(Finding.warning(
                        gate.name() + ": a write has been running for " + state.oldestWriteMillis()
                                + " ms, longer than a pause waits for writes to end",
                        "see it with `sluice proxy requests`, and wait until it has ended"));
            }
            if (state.preview() != null) {
                findings.add(Finding.warning(
                        gate.name() + " has a preview of " + state.preview() + " on; a pause switches it off",
                        "tell those who are looking, or end it with `sluice proxy preview --end`"));
            }
            for (String upstream : List.of(from, sides.to().name())) {
                Boolean healthy = state.healthy().get(upstream);
                if (healthy == null) {
                    findings.add(Finding.blocker(
                            gate.name() + " knows no upstream " + upstream,
                            "add [upstreams." + upstream + "] to proxy.toml"));
                } else if (!healthy) {
                    findings.add(Finding.blocker(
                            gate.name() + " says that " + upstream + " is not healthy",
                            "start the site there; /health must answer"));
                }
            }
        }
        return findings.isEmpty() ? List.of(Finding.ok(sides.gates().size() + " open, both sides healthy")) : findings;
    }
}
