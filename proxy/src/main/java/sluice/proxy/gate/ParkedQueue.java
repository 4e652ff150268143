package sluice.proxy.gate;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.route.RequestClass;

/**
 * The one queue of everything that waits, behind one lock. It grants slots by message to the owning loops, oldest first, and
 * messages are sent with the lock held: a grant that was decided before grants were stopped is in its loop's queue before
 * anything that is sent afterwards.
 *
 * <p>Any thread. Nothing of a request is called with the lock held.
 */
final class ParkedQueue {
    /** What happens to what waits and to what comes. */
    private enum Mode {
        /** Wait. */
        HOLD,
        /** Oldest first, as far as the limit allows. */
        GRANT,
        /** Nobody waits: shed. */
        SHUT,
        /** As SHUT, because the proxy stops: for good. */
        STOPPED
    }

    private final Time time;
    private final QueueListener listener;
    private final RetryAfter retryAfter;

    private final Lines lines;
    private final Pace pace;
    private final Books books;

    private Mode mode = Mode.GRANT;
    private boolean toldEmpty;
    /** When {@link #expire} is expected next. */
    private long alarmNanos = Long.MAX_VALUE;

    ParkedQueue(ProxyConfig.Gate bounds, Time time, QueueListener listener) {
        this.time = time;
        this.listener = listener;
        this.lines = new Lines(bounds.waits());
        this.books = new Books(bounds, time);
        this.pace = new Pace(bounds.releaseConcurrency(), lines);
        this.retryAfter = new RetryAfter(bounds.releaseConcurrency());
    }

    /**
     * A request comes to wait.
     *
     * @return null when it waits (a grant may be on its way already); else why it does not
     */
    synchronized @Nullable ShedReason park(Parked parked) {
        books.comes(parked);
        toldEmpty = false;
        if (mode == Mode.SHUT || mode == Mode.STOPPED) {
            return refuse(parked, mode == Mode.SHUT ? ShedReason.SHUT : ShedReason.STOPPING);
        }
        ShedReason obstacle = books.obstacle(parked);
        if (obstacle != null) {
            return refuse(parked, obstacle);
        }
        lines.add(parked);
        books.waits(parked);
        makeRoomFor(parked);
        if (parked.stage == Parked.Stage.SHED) {
            return ShedReason.FULL;
        }
        if (parked.deadlineNanos < alarmNanos) {
            alarmNanos = parked.deadlineNanos;
            listener.deadline(alarmNanos);
        }
        pump();
        return null;
    }

    /** The client of a waiting request hung up. */
    synchronized void gone(Parked parked) {
        switch (parked.stage) {
            case WAITING -> lines.remove(parked);
            case GRANTING -> {
                if (pace.is(parked.release)) {
                    pace.give();
                }
            }
            default -> {
                return; // it has been shed, and counted as such
            }
        }
        books.gone(parked);
        pump();
    }

    /** A grant has reached its loop. Returns false when the request has gone in the meantime. */
    synchronized boolean delivered(Parked parked) {
        if (parked.stage != Parked.Stage.GRANTING) {
            return false;
        }
        books.released(parked);
        tellIfEmpty();
        return true;
    }

    /** A request that was granted a slot is no longer in flight. */
    synchronized void ended(int ofRelease, boolean well) {
        if (!pace.is(ofRelease)) {
            return; // of a release that is over
        }
        pace.give();
        if (pace.isAlone() && mode == Mode.GRANT) {
            if (!well) {
                mode = Mode.HOLD; // until somebody decides: goOn() or hold()
                listener.firstFailed(ofRelease);
                return;
            }
            pace.several();
        }
        pump();
    }

    /** The client of one that was granted a slot hung up. That says nothing of the upstream: the next one takes its place. */
    synchronized void left(int ofRelease) {
        if (pace.is(ofRelease)) {
            pace.give();
            pump();
        }
    }

    /** Grants stop, at once; what comes waits, until this time at the latest. */
    synchronized void hold(long opensNanos) {
        if (!become(Mode.HOLD)) {
            return;
        }
        pace.stop();
        retryAfter.opens(opensNanos);
    }

    /** As {@link #hold}, and nobody can say until when. */
    synchronized void holdForSomeTime() {
        if (!become(Mode.HOLD)) {
            return;
        }
        pace.stop();
        retryAfter.opensSomeTime();
    }

    /** Nobody waits any more: what waits is shed, what comes too. */
    synchronized void shut(ShedReason reason) {
        if (!become(reason == ShedReason.STOPPING ? Mode.STOPPED : Mode.SHUT)) {
            return;
        }
        pace.stop();
        retryAfter.opensSomeTime();
        for (Parked parked : lines.all()) {
            lines.remove(parked);
            shed(parked, reason, true);
        }
    }

    /**
     * Grants begin: to one request alone, and when it went well to a fixed number at a time.
     *
     * @param alone whether one goes first
     * @return names this release in {@link QueueListener#firstFailed} and {@link #goOn}
     */
    synchronized int release(boolean alone) {
        int number = pace.begin(alone);
        if (!become(Mode.GRANT)) {
            return number;
        }
        toldEmpty = false;
        retryAfter.opensNow();
        pump();
        return number;
    }

    /** The release goes on although its first request has not ended yet; not when that has failed. */
    synchronized void tooSlow(int ofRelease) {
        if (mode == Mode.GRANT) {
            goOn(ofRelease);
        }
    }

    /** The release goes on although its first request has failed. */
    synchronized void goOn(int ofRelease) {
        if (pace.is(ofRelease) && pace.isAlone()) {
            if (!become(Mode.GRANT)) {
                return;
            }
            pace.several();
            pump();
        }
    }

    /** The gate is open on every loop, or shall open whatever still waits: what waits and what comes late goes at once. */
    synchronized void open() {
        if (!become(Mode.GRANT)) {
            return;
        }
        pace.all();
        retryAfter.opensNow();
        pump();
    }

    /** Reads no longer wait; the hold goes on for the rest. */
    synchronized void grantReads() {
        for (Parked parked : lines.all()) {
            if (parked.requestClass == RequestClass.READ) {
                lines.remove(parked);
                parked.release = 0;
                grant(parked);
            }
        }
    }

    /**
     * Sheds what has waited long enough.
     *
     * @param alarm the time that {@link QueueListener#deadline} named; one that a nearer one has replaced does nothing
     */
    synchronized void expire(long alarm) {
        if (alarm != alarmNanos) {
            return;
        }
        long now = time.nanos().getAsLong();
        alarmNanos = Long.MAX_VALUE;
        for (Parked due = lines.nextDue(); due != null; due = lines.nextDue()) {
            if (due.deadlineNanos > now) {
                alarmNanos = due.deadlineNanos;
                listener.deadline(alarmNanos);
                break;
            }
            lines.remove(due);
            shed(due, ShedReason.WAITED, true);
        }
        tellIfEmpty();
    }

    /** Whether nobody waits for a slot; grants may be on their way. */
    synchronized boolean isEmpty() {
        return lines.size() == 0;
    }

    /** What waits on one loop. */
    synchronized List<Parked> of(LoopGate gate) {
        List<Parked> mine = new ArrayList<>();
        for (Parked parked : lines.all()) {
            if (parked.gate == gate) {
                mine.add(parked);
            }
        }
        return mine;
    }

    /** All shares of clients together, for tests that look inside. */
    synchronized int sharesTaken() {
        return books.sharesTaken();
    }

    /** The numbers of this moment, all from under one lock. */
    synchronized Waiting snapshot() {
        Parked oldest = lines.oldest();
        return books.snapshot(oldest == null ? 0 : books.waited(oldest));
    }

    /** As {@link #snapshot}; the longest wait is looked for anew from now on. */
    synchronized Waiting mark() {
        books.forgetLongest();
        return snapshot();
    }

    synchronized int retryAfterSeconds() {
        return retryAfter.seconds(time.nanos().getAsLong(), books.waiting());
    }

    /** Returns whether it may: not when the proxy stops. */
    private boolean become(Mode next) {
        if (mode == Mode.STOPPED) {
            return false;
        }
        mode = next;
        return true;
    }

    private void pump() {
        while (mode == Mode.GRANT && pace.isFree()) {
            Parked next = lines.oldest();
            if (next == null) {
                break;
            }
            pace.take(next);
            lines.remove(next);
            grant(next);
        }
        tellIfEmpty();
    }

    private void grant(Parked parked) {
        books.granting(parked);
        parked.grant();
    }

    private void tellIfEmpty() {
        if (mode == Mode.GRANT && lines.size() == 0 && !pace.isAloneUnderWay() && !toldEmpty) {
            toldEmpty = true;
            listener.emptied();
        }
    }

    private void makeRoomFor(Parked newcomer) {
        while (books.tooMany()) {
            Parked victim = lines.victim();
            if (victim == null) {
                return; // all that is left are grants on their way
            }
            lines.remove(victim);
            shed(victim, ShedReason.FULL, victim != newcomer);
        }
    }

    private ShedReason refuse(Parked parked, ShedReason reason) {
        books.refused(parked, reason);
        return reason;
    }

    private void shed(Parked parked, ShedReason reason, boolean tell) {
        books.shed(parked, reason);
        if (tell) {
            parked.shed(reason, retryAfter.seconds(time.nanos().getAsLong(), books.waiting()));
        }
    }
}
