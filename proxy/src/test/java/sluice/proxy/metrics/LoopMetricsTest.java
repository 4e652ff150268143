package sluice.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import sluice.proxy.metrics.LoopMetrics.Protocol;

class LoopMetricsTest {
    private final LoopMetrics metrics = new LoopMetrics();

    @Test
    void countsRequestsByUpstreamClassAndStatus() {
        metrics.request(0, 2, 200, 1);
        metrics.request(0, 2, 204, 1);
        metrics.request(1, 2, 503, 1);
        metrics.request(LoopMetrics.NO_UPSTREAM, 4, 999, 1);

        assertThat(metrics.requests(0, 2, 2)).isEqualTo(2);
        assertThat(metrics.requests(1, 2, 5)).isEqualTo(1);
        assertThat(metrics.requests(LoopMetrics.NO_UPSTREAM, 4, 0)).isEqualTo(1);
        assertThat(metrics.requests(1, 2, 2)).isZero();
        assertThat(metrics.requestSeconds().count()).as("the upstreams' time").isEqualTo(3);
    }

    @Test
    void aDurationFallsIntoTheFirstBucketThatHoldsIt() {
        Histogram histogram = new Histogram();
        histogram.record(-5);
        histogram.record(TimeUnit.MILLISECONDS.toNanos(1));
        histogram.record(TimeUnit.MILLISECONDS.toNanos(1) + 1);
        histogram.record(TimeUnit.HOURS.toNanos(1));

        assertThat(histogram.count(0)).isEqualTo(2);
        assertThat(histogram.count(1)).isEqualTo(1);
        assertThat(histogram.count(Histogram.buckets() - 1)).isEqualTo(1);
        assertThat(histogram.sumSeconds()).isBetween(3600.001, 3600.003);
        assertThat(Histogram.upperBoundSeconds(0)).isEqualTo(0.001);
        assertThat(Histogram.upperBoundSeconds(Histogram.buckets() - 1)).isInfinite();
    }

    @Test
    void aCopyStaysAsItWasAndCopiesAddUp() {
        metrics.request(0, 0, 200, 5);
        metrics.connectionOpened(Protocol.HTTP1);
        metrics.connectionOpened(Protocol.HTTP1);
        metrics.connectionClosed(Protocol.HTTP1);
        metrics.upstreamConnections(1, 2, 3);
        LoopMetrics copy = metrics.copy();
        metrics.request(0, 0, 200, 5);
        metrics.upstreamConnections(1, -1, 0);
        copy.add(metrics);

        assertThat(copy.requests(0, 0, 2)).isEqualTo(3);
        assertThat(copy.requestSeconds().count()).isEqualTo(3);
        assertThat(copy.connections(Protocol.HTTP1)).isEqualTo(2);
        assertThat(copy.connections(Protocol.WEBSOCKET)).isZero();
        assertThat(copy.upstreamActive(1)).isEqualTo(3);
        assertThat(copy.upstreamIdle(1)).isEqualTo(6);
    }
}
