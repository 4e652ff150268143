package sluice.proxy.gate;

/**
 * How many may be let go at a time: one alone first, then a fixed number, then all. Guarded by its owner's lock.
 *
 * <p>A release goes in rounds. When everybody who waited as a round began has gone, and those who came behind are far fewer, there
 * is one more round. Else the fixed number has come to be what the site's ordinary load waits for, and all may go: clients that
 * send their next request as soon as one is answered would keep the queue from ever being empty.
 */
final class Pace {
    private final int atATime;
    private final Lines lines;
    private int limit = Integer.MAX_VALUE;
    private int slots;
    private int release = 1;
    private boolean alone;
    private long roundEnd;
    private int roundSize;

    Pace(int atATime, Lines lines) {
        this.atATime = atATime;
        this.lines = lines;
    }

    /**
     * A release begins; slots of earlier ones no longer count.
     *
     * @return its number, never 0
     */
    int begin(boolean oneAlone) {
        release++;
        slots = 0;
        if (oneAlone) {
            alone = true;
            limit = 1;
        } else {
            several();
        }
        return release;
    }

    /** No release is under way any more. */
    void stop() {
        alone = false;
    }

    /** A fixed number at a time from now on. */
    void several() {
        alone = false;
        limit = atATime;
        roundEnd = lines.newest();
        roundSize = lines.size();
    }

    /** Everybody at once from now on. */
    void all() {
        alone = false;
        limit = Integer.MAX_VALUE;
    }

    boolean isFree() {
        return slots < limit;
    }

    /** The release goes on only when this one went well. */
    boolean isAlone() {
        return alone;
    }

    /** Whether the one that goes alone is on its way. */
    boolean isAloneUnderWay() {
        return alone && slots > 0;
    }

    boolean is(int number) {
        return number == release;
    }

    /** Gives a slot to the oldest one that waits. It has to be in its line still. */
    void take(Parked oldest) {
        if (oldest.sequence > roundEnd && limit == atATime && !alone) {
            nextRound();
        }
        oldest.release = release;
        slots++;
    }

    /** A slot is free again. */
    void give() {
        slots--;
    }

    private void nextRound() {
        int behind = lines.size();
        if (behind > roundSize / 2) {
            limit = Integer.MAX_VALUE;
        } else {
            roundEnd = lines.newest();
            roundSize = behind;
        }
    }
}
