package sluice.control.step;

import java.util.List;
import sluice.control.gate.GateState;

/** What all proxies counted since they started. */
record Totals(long parked, long released, long shed, long gone, long stale) {
    static Totals of(List<GateState> states) {
        long parked = 0;
        long released = 0;
        long shed = 0;
        long gone = 0;
        long stale = 0;
        for (GateState state : states) {
            parked += state.totals().parked();
            released += state.totals().released();
            shed += state.totals().shed();
            gone += state.totals().gone();
            stale += state.totals().staleWrites();
        }
        return new Totals(parked, released, shed, gone, stale);
    }

    /** Into the journal, for the report. */
    void note(Facts facts, String when) {
        facts.put(when + ".parked", parked);
        facts.put(when + ".released", released);
        facts.put(when + ".shed", shed);
        facts.put(when + ".gone", gone);
        facts.put(when + ".stale", stale);
    }
}
