package sluice.proxy.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.LoopGate;
import sluice.proxy.route.Side;

/**
 * Whether a file may be looked for on the side that is not active. That has an end, a time after the last flip: until then not every
 * upload has been copied, and afterwards what was deleted on the active side would stay public from the other. One for each event loop,
 * confined to it.
 */
final class OtherSide {
    /** For so long nobody waits again for a side that did not answer, if all it could say is that it has not got a file. */
    private static final long RESTS = TimeUnit.SECONDS.toNanos(10);

    private final LoopGate gate;
    private final LongSupplier nanoClock;
    private final long time;
    private @Nullable Side active;
    private long since;
    private long failed;

    /** @param time how long after a flip; after a start too, since nobody knows then when the last flip was */
    OtherSide(LoopGate gate, LongSupplier nanoClock, Duration time) {
        this.gate = gate;
        this.nanoClock = nanoClock;
        this.time = time.toNanos();
        this.since = nanoClock.getAsLong();
        this.failed = since - RESTS;
    }

    /** Looks whether there was a flip. To be called once a second. */
    void sweep() {
        Side now = gate.routing().active();
        if (now != active) {
            since = active == null ? since : nanoClock.getAsLong();
            active = now;
        }
    }

    /** Whether its files stand in for what the active side has not got. */
    boolean standsIn() {
        sweep();
        return nanoClock.getAsLong() - since < time;
    }

    /** Whether its site may be asked. */
    boolean answers() {
        return nanoClock.getAsLong() - failed >= RESTS;
    }

    /** Its site was asked, and cannot be reached. */
    void failed() {
        failed = nanoClock.getAsLong();
    }
}
