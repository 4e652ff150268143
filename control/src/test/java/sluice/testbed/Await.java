package sluice.testbed;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for something in another process that can only be asked, not listened to. */
public final class Await {
    private Await() {}

    /** Asks every few milliseconds until it is so; throws when {@code bound} has passed. */
    public static void until(String what, Duration bound, BooleanSupplier condition) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not within " + bound + ": " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
