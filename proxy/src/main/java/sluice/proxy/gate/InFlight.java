package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Side;

/**
 * Whether the gate is drained: every loop has reported for the present epoch, every report says zero, and no unknown write is
 * outstanding. Each loop has a cell of its own, which it writes at the barrier and at each change while the gate is not open.
 *
 * <p>Any thread, behind one lock. The open path never comes here; a write that broke does.
 */
final class InFlight {
    /** How long an unknown write is remembered while there is no hold. */
    static final long REMEMBERED_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** The id of the unknown write that stands for whatever was in flight when the proxy stopped. */
    static final String BEFORE_RESTART = "before-restart";
    /** The id of the unknown write that stands for all that found no place in the list. */
    static final String TOO_MANY = "too-many";

    private static final int MAX_UNKNOWN = 1_000;

    private final Time time;
    private final Runnable zero;
    private final long[] epochs;
    private final int[] writes;
    private final Map<String, Unknown> unknown = new LinkedHashMap<>();
    private long unknownTotal;
    private long epoch;
    private boolean watching;

    private record Unknown(RequestInfo request, long brokeNanos) {}

    /** @param zero called with the lock held when everything has come to zero: to be handed over */
    InFlight(int loops, Time time, Runnable zero) {
        this.epochs = new long[loops];
        this.writes = new int[loops];
        this.time = time;
        this.zero = zero;
        Arrays.fill(epochs, -1);
    }

    /** A hold begins, or goes on under another epoch: only reports for this epoch count from now on. */
    synchronized void watch(long ofEpoch) {
        if (!watching) {
            forgetOld();
        }
        watching = true;
        epoch = ofEpoch;
    }

    /** The epoch has changed and the rest has not: only reports for this epoch count from now on. */
    synchronized void watchOn(long ofEpoch) {
        epoch = ofEpoch;
    }

    /** There is no hold any more: unknown writes age again. */
    synchronized void rest() {
        watching = false;
    }

    /** A loop says how many writes it has in flight. */
    synchronized void report(int loop, long ofEpoch, int inFlight) {
        epochs[loop] = ofEpoch;
        writes[loop] = inFlight;
        if (isDrained(epoch)) {
            zero.run();
        }
    }

    /** A write of a loop broke: it is no longer in flight and nobody knows whether it happened. One step. */
    synchronized void unknown(int loop, long ofEpoch, int inFlight, RequestInfo request) {
        remember(request);
        report(loop, ofEpoch, inFlight);
    }

    /** The proxy did not end well the last time: something may still be in flight from then. */
    synchronized void unknownBeforeRestart() {
        remember(new RequestInfo(
                BEFORE_RESTART, "unknown", RequestClass.WRITE, "", "in flight when the proxy stopped", null, 0, 0));
    }

    /** Which of these ids are not those of unknown writes. */
    synchronized List<String> missing(List<String> ids) {
        List<String> missing = new ArrayList<>(ids);
        missing.removeIf(unknown::containsKey);
        return missing;
    }

    /** Accepts unknown writes by name. */
    synchronized void accept(List<String> ids) {
        unknown.keySet().removeAll(ids);
        if (isDrained(epoch)) {
            zero.run();
        }
    }

    synchronized boolean isDrained(long ofEpoch) {
        if (!watching || ofEpoch != epoch || !unknown.isEmpty()) {
            return false;
        }
        for (int loop = 0; loop < writes.length; loop++) {
            if (epochs[loop] != epoch || writes[loop] != 0) {
                return false;
            }
        }
        return true;
    }

    /** The unknown writes that are remembered, with the time since they broke as their age. */
    synchronized List<RequestInfo> unknown() {
        if (!watching) {
            forgetOld();
        }
        long now = time.nanos().getAsLong();
        List<RequestInfo> all = new ArrayList<>();
        for (Unknown one : unknown.values()) {
            all.add(one.request().aged(TimeUnit.NANOSECONDS.toMillis(now - one.brokeNanos())));
        }
        return all;
    }

    /** How many writes ever became unknown. */
    synchronized long unknownTotal() {
        return unknownTotal;
    }

    private void remember(RequestInfo request) {
        unknownTotal++;
        if (!watching) {
            forgetOld();
        }
        RequestInfo kept = unknown.size() < MAX_UNKNOWN
                ? request
                : new RequestInfo(TOO_MANY, "unknown", RequestClass.WRITE, "", "more than fit here", (Side) null, 0, 0);
        unknown.remove(kept.id());
        unknown.put(kept.id(), new Unknown(kept, time.nanos().getAsLong()));
    }

    private void forgetOld() {
        long now = time.nanos().getAsLong();
        for (Iterator<Unknown> all = unknown.values().iterator(); all.hasNext(); ) {
            if (now - all.next().brokeNanos() > REMEMBERED_NANOS) {
                all.remove();
            }
        }
    }
}
