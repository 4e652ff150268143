package sluice.demo.load;

import java.util.ArrayList;
import java.util.List;

/** What a load's clients noted. Written on the load's event loop only, and read there or after it has ended. */
final class Records {
    private final List<Sample> samples = new ArrayList<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private long failed;

    void add(Sample sample) {
        samples.add(sample);
        if (sample.failed()) {
            failed++;
        }
    }

    void acknowledge(Acknowledged write) {
        acknowledged.add(write);
    }

    long failed() {
        return failed;
    }

    List<Sample> samples() {
        return samples;
    }

    List<Acknowledged> acknowledged() {
        return acknowledged;
    }
}
