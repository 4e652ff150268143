package sluice.proxy.admin;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import sluice.proxy.gate.GateState;
import sluice.proxy.gate.ShedReason;
import sluice.proxy.gate.Tally;
import sluice.proxy.metrics.Histogram;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Phase;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/** The metrics of the contract. Every series is there from the start, so that a first event is seen by {@code rate()}. */
final class MetricsPage {
    private final List<MetricSnapshot> all = new ArrayList<>();

    private MetricsPage() {}

    static String render(GateState state, LoopMetrics loops, Map<String, Instant> certificates, Instant now) {
        MetricsPage page = new MetricsPage();
        page.gate(state);
        page.requests(loops);
        page.connections(loops);
        page.certificates(certificates, now);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create()
                    .write(out, new MetricSnapshots(page.all), EscapingScheme.UNDERSCORE_ESCAPING);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private void gate(GateState state) {
        Tally tally = state.tally();
        counter("sluice_parked", "Requests that the gate did not let through at once.", tally.parkedTotal());
        counter("sluice_released", "Requests that waited and went on.", tally.releasedTotal());
        counter("sluice_gone", "Requests whose client hung up while they waited.", tally.goneTotal());
        shed(tally);
        histogram("sluice_wait_seconds", "How long requests waited at the gate, however it ended.", tally.waits());
        gauge("sluice_waiting_requests", "Requests that wait.", state.waiting());
        gauge("sluice_waiting_bytes", "What the waiting requests occupy.", (double) state.waitingBytes());
        gauge("sluice_waiting_oldest_seconds", "How long the oldest has waited.", state.oldestNanos() / 1e9);
        bySide(
                "sluice_writes_in_flight",
                "Writes in flight.",
                side -> on(state, side).writes());
        bySide("sluice_streams", "Open streams.", side -> on(state, side).streams());
        bySide(
                "sluice_active",
                "1 for the active upstream.",
                side -> state.routing().active() == side ? 1 : 0);
        counter("sluice_writes_unknown", "Writes of which nobody can say whether they happened.", state.unknownTotal());
        counter("sluice_stale_writes", "Writes that started after drained; must stay 0.", state.staleWrites());
        gauge("sluice_epoch", "The epoch.", (double) state.epoch());
        GaugeSnapshot.Builder phases =
                GaugeSnapshot.builder().name("sluice_gate_phase").help("1 for the gate's phase.");
        for (Phase phase : Phase.values()) {
            phases.dataPoint(point(state.routing().phase() == phase ? 1 : 0, Labels.of("phase", phase.label())));
        }
        all.add(phases.build());
    }

    private void shed(Tally tally) {
        CounterSnapshot.Builder shed =
                CounterSnapshot.builder().name("sluice_shed").help("Requests that were asked to retry.");
        for (RequestClass requestClass : RequestClass.values()) {
            for (ShedReason reason : ShedReason.values()) {
                Labels labels = Labels.of("class", requestClass.label(), "reason", reason.label());
                shed.dataPoint(count(tally.shedTotal(requestClass, reason), labels));
            }
        }
        all.add(shed.build());
    }

    private void requests(LoopMetrics loops) {
        CounterSnapshot.Builder requests = CounterSnapshot.builder()
                .name("sluice_requests")
                .help("Answered requests, by the class of the status.");
        for (int upstream = 0; upstream < LoopMetrics.UPSTREAMS; upstream++) {
            for (RequestClass requestClass : RequestClass.values()) {
                for (int status = 0; status < LoopMetrics.STATUS_CLASSES; status++) {
                    Labels labels = Labels.of(
                            "upstream", upstream(upstream),
                            "class", requestClass.label(),
                            "code", LoopMetrics.statusLabel(status));
                    requests.dataPoint(count(loops.requests(upstream, requestClass.ordinal(), status), labels));
                }
            }
        }
        all.add(requests.build());
        counter(
                "sluice_access_log_dropped",
                "Lines of the access log that were dropped: too many waited, or they could not be written.",
                loops.accessLogDropped());
        counter("sluice_access_log_errors", "Writes to the access log that failed.", loops.accessLogErrors());
        histogram(
                "sluice_request_seconds",
                "The upstream's time of a request, waiting excluded.",
                loops.requestSeconds());
    }

    private void connections(LoopMetrics loops) {
        GaugeSnapshot.Builder connections =
                GaugeSnapshot.builder().name("sluice_connections").help("Open client connections.");
        for (LoopMetrics.Protocol protocol : LoopMetrics.Protocol.values()) {
            Labels labels = Labels.of("protocol", protocol.name().toLowerCase(Locale.ROOT));
            connections.dataPoint(point(loops.connections(protocol), labels));
        }
        all.add(connections.build());
        CounterSnapshot.Builder refused = CounterSnapshot.builder()
                .name("sluice_refused_connections")
                .help("Client connections that were closed before their first request.");
        for (LoopMetrics.Refusal reason : LoopMetrics.Refusal.values()) {
            Labels labels = Labels.of("reason", reason.name().toLowerCase(Locale.ROOT));
            refused.dataPoint(count(loops.refusals(reason), labels));
        }
        all.add(refused.build());
        CounterSnapshot.Builder bad = CounterSnapshot.builder()
                .name("sluice_refused_requests")
                .help(
                        "Requests that were refused before they had a class: what cannot be read, is too slow or too large.");
        int[] statuses = LoopMetrics.refusalStatuses();
        for (int i = 0; i < statuses.length; i++) {
            bad.dataPoint(count(loops.refusedRequests(i), Labels.of("code", Integer.toString(statuses[i]))));
        }
        all.add(bad.build());
        GaugeSnapshot.Builder upstream =
                GaugeSnapshot.builder().name("sluice_upstream_connections").help("Connections to upstreams.");
        for (Side side : Side.values()) {
            upstream.dataPoint(point(
                    loops.upstreamActive(side.ordinal()), Labels.of("upstream", side.label(), "state", "active")));
            upstream.dataPoint(
                    point(loops.upstreamIdle(side.ordinal()), Labels.of("upstream", side.label(), "state", "idle")));
        }
        all.add(upstream.build());
    }

    private void certificates(Map<String, Instant> certificates, Instant now) {
        GaugeSnapshot.Builder expiry = GaugeSnapshot.builder()
                .name("sluice_certificate_expiry_seconds")
                .help("Time until a certificate ends.");
        certificates.forEach((name, end) ->
                expiry.dataPoint(point((double) Duration.between(now, end).toSeconds(), Labels.of("name", name))));
        all.add(expiry.build());
    }

    private void counter(String name, String help, long value) {
        all.add(CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(count(value, Labels.EMPTY))
                .build());
    }

    private void gauge(String name, String help, double value) {
        all.add(GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point(value, Labels.EMPTY))
                .build());
    }

    private void bySide(String name, String help, ToDoubleFunction<Side> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        for (Side side : Side.values()) {
            gauge.dataPoint(point(value.applyAsDouble(side), Labels.of("upstream", side.label())));
        }
        all.add(gauge.build());
    }

    private void histogram(String name, String help, Histogram histogram) {
        double[] bounds = new double[Histogram.buckets()];
        long[] counts = new long[Histogram.buckets()];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = Histogram.upperBoundSeconds(i);
            counts[i] = histogram.count(i);
        }
        all.add(HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, counts))
                        .sum(histogram.sumSeconds())
                        .build())
                .build());
    }

    private static CounterSnapshot.CounterDataPointSnapshot count(long value, Labels labels) {
        return CounterSnapshot.CounterDataPointSnapshot.builder()
                .value((double) value)
                .labels(labels)
                .build();
    }

    private static GaugeSnapshot.GaugeDataPointSnapshot point(double value, Labels labels) {
        return GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .value(value)
                .labels(labels)
                .build();
    }

    private static GateState.OnSide on(GateState state, Side side) {
        return Objects.requireNonNull(state.sides().get(side));
    }

    private static String upstream(int number) {
        return number == LoopMetrics.NO_UPSTREAM ? "none" : Side.values()[number].label();
    }
}
