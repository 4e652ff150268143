package sluice.control.step;

import java.time.Duration;
import java.time.Instant;

/** The clock, and how a run waits. */
public interface Pace {
    /** For durations; only grows. */
    long millis();

    /** For people and for the journal. */
    Instant now();

    /** Waits, as short as {@code time} says or longer. */
    void pause(Duration time);

    /** The machine's. */
    static Pace system() {
        return new Pace() {
            @Override
            public long millis() {
                return System.nanoTime() / 1_000_000;
            }

            @Override
            public Instant now() {
                return Instant.now();
            }

            @Override
            public void pause(Duration time) {
                try {
                    Thread.sleep(time.toMillis());
                } catch (InterruptedException stopped) {
                    // A run is ended by an abort request, never by an interrupt; what waits looks at its bound again.
                    Thread.currentThread().interrupt();
                }
            }
        };
    }
}
