package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.RequestClass;

/**
 * What waits, in one line for each class, since each class has a wait of its own. A line is in order of arrival and so in order of
 * deadline; the heads of all give the order over all. Every call is quick, {@link #all} apart. Guarded by its owner's lock.
 */
final class Lines {
    /** The requests of one class, and how long each may wait. */
    private static final class Line {
        final long waitNanos;
        final Set<Parked> members = new LinkedHashSet<>();

        Line(long waitNanos) {
            this.waitNanos = waitNanos;
        }

        @Nullable
        Parked head() {
            return members.isEmpty() ? null : members.iterator().next();
        }
    }

    private final Map<RequestClass, Line> lines = new EnumMap<>(RequestClass.class);
    private long sequence;
    private int size;

    Lines(ProxyConfig.Waits waits) {
        for (RequestClass requestClass : RequestClass.values()) {
            lines.put(requestClass, new Line(requestClass.wait(waits).toNanos()));
        }
    }

    /** To the end of its line. */
    void add(Parked parked) {
        Line line = line(parked.requestClass);
        parked.sequence = ++sequence;
        parked.deadlineNanos = parked.sinceNanos + line.waitNanos;
        line.members.add(parked);
        size++;
    }

    void remove(Parked parked) {
        if (line(parked.requestClass).members.remove(parked)) {
            size--;
        }
    }

    /** The place in the order of the one that came last. */
    long newest() {
        return sequence;
    }

    int size() {
        return size;
    }

    /** The one that came first, over all lines. */
    @Nullable
    Parked oldest() {
        Parked oldest = null;
        for (Line line : lines.values()) {
            Parked head = line.head();
            if (head != null && (oldest == null || head.sequence < oldest.sequence)) {
                oldest = head;
            }
        }
        return oldest;
    }

    /** Who has to go when there is no room: inboxes first (their senders come again by themselves), oldest first. */
    @Nullable
    Parked victim() {
        Parked inbox = line(RequestClass.INBOX).head();
        return inbox == null ? oldest() : inbox;
    }

    /** The one whose wait ends next. */
    @Nullable
    Parked nextDue() {
        Parked due = null;
        for (Line line : lines.values()) {
            Parked head = line.head();
            if (head != null && (due == null || head.deadlineNanos - due.deadlineNanos < 0)) {
                due = head;
            }
        }
        return due;
    }

    /** All, as they are now; in order within each class only. */
    List<Parked> all() {
        List<Parked> all = new ArrayList<>(size);
        lines.values().forEach(line -> all.addAll(line.members));
        return all;
    }

    private Line line(RequestClass requestClass) {
        return Objects.requireNonNull(lines.get(requestClass));
    }
}
