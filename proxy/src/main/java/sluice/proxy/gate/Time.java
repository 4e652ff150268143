package sluice.proxy.gate;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The clocks of the gate.
 *
 * @param nanos for durations; never set back
 * @param wall for what people read and for a lease that outlives the process
 */
public record Time(LongSupplier nanos, InstantSource wall) {
    /** The machine's clocks. */
    public static Time system() {
        return new Time(System::nanoTime, InstantSource.system());
    }
}
