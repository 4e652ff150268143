package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.RequestClass;

/**
 * What waits, in two lines, one for each length of wait: inboxes, and the rest. Each is in order of arrival and so in order of
 * deadline; their two heads give the order over all. Every call is quick, {@link #all} apart. Guarded by its owner's lock.
 */
final class Lines {
    private final long inboxNanos;
    private final long otherNanos;
    private final Set<Parked> inboxes = new LinkedHashSet<>();
    private final Set<Parked> others = new LinkedHashSet<>();
    private long sequence;

    Lines(ProxyConfig.Gate bounds) {
        this.inboxNanos = bounds.waitInbox().toNanos();
        this.otherNanos = bounds.waitOther().toNanos();
    }

    /** To the end of its line. */
    void add(Parked parked) {
        parked.sequence = ++sequence;
        parked.deadlineNanos = parked.sinceNanos + (isInbox(parked) ? inboxNanos : otherNanos);
        line(parked).add(parked);
    }

    void remove(Parked parked) {
        line(parked).remove(parked);
    }

    /** The place in the order of the one that came last. */
    long newest() {
        return sequence;
    }

    int size() {
        return inboxes.size() + others.size();
    }

    /** The one that came first, over both lines. */
    @Nullable
    Parked oldest() {
        Parked inbox = head(inboxes);
        Parked other = head(others);
        if (inbox == null || other == null) {
            return inbox == null ? other : inbox;
        }
        return inbox.sequence < other.sequence ? inbox : other;
    }

    /** Who has to go when there is no room: inboxes first (their senders come again by themselves), oldest first. */
    @Nullable
    Parked victim() {
        Parked inbox = head(inboxes);
        return inbox == null ? head(others) : inbox;
    }

    /** The one whose wait ends next. */
    @Nullable
    Parked nextDue() {
        Parked inbox = head(inboxes);
        Parked other = head(others);
        if (inbox == null || other == null) {
            return inbox == null ? other : inbox;
        }
        return inbox.deadlineNanos - other.deadlineNanos <= 0 ? inbox : other;
    }

    /** All, as they are now; not in order over both lines. */
    List<Parked> all() {
        List<Parked> all = new ArrayList<>(inboxes);
        all.addAll(others);
        return all;
    }

    private Set<Parked> line(Parked parked) {
        return isInbox(parked) ? inboxes : others;
    }

    private static boolean isInbox(Parked parked) {
        return parked.requestClass == RequestClass.INBOX;
    }

    private static @Nullable Parked head(Set<Parked> line) {
        return line.isEmpty() ? null : line.iterator().next();
    }
}
