package sluice.proxy.gate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Invariant 4 and the bounds, checked after every step against what the world has counted. Plain comparisons: this is what a long
 * run spends its time with.
 */
final class BookChecks {
    private final World world;

    // Since the process started.
    long parked;
    long granted;
    long shed;
    long gone;
    private HoldReport reported;

    BookChecks(World world) {
        this.world = world;
    }

    void started() {
        parked = 0;
        granted = 0;
        shed = 0;
        gone = 0;
        reported = null;
    }

    void step() {
        Waiting queue = world.gate.queue().snapshot();
        Tally tally = queue.tally();
        check(queue.balances(), "4: parked = released + shed + gone + waiting", queue);
        long counted = tally.parkedTotal() - parked;
        check(counted == 0 || counted == 1, "4: parked, one may be inside ask()", tally.parkedTotal(), parked);
        check(tally.releasedTotal() == granted, "4: released", tally.releasedTotal(), granted);
        check(tally.goneTotal() == gone, "4: gone", tally.goneTotal(), gone);
        check(tally.shedTotal() >= shed, "4: shed", tally.shedTotal(), shed);
        check(queue.requests() <= world.bounds.maxParked(), "7: bounded by count", queue);
        check(queue.bytes() >= 0 && queue.bytes() <= world.bounds.maxParkedBytes(), "7: bounded by bytes", queue);
        shares(queue.requests());
        account();
    }

    /** Each waiting request has its share, and no other has one. */
    private void shares(int waiting) {
        int bound = world.bounds.maxParkedPerClient();
        if (bound == 0) {
            return;
        }
        int taken = world.gate.queue().sharesTaken();
        check(taken == waiting, "7: the shares add up", taken, waiting);
        if (waiting <= bound) {
            return;
        }
        Map<Integer, Integer> shares = new HashMap<>();
        for (SimRequest request : world.requests) {
            Parked one = request.passage.parked;
            if (one != null && (one.stage == Parked.Stage.WAITING || one.stage == Parked.Stage.GRANTING)) {
                int share = shares.merge(request.clientNumber(), 1, Integer::sum);
                check(share <= bound, "7: bounded by client", request.client, share);
            }
        }
    }

    /** The account of the last hold that is over. */
    private void account() {
        HoldReport report = world.gate.lastHold();
        if (report == null || report.equals(reported)) {
            return;
        }
        reported = report;
        check(report.balances(), "4: the account", report);
        check(report.parked() >= 0 && report.parked() <= parked + 1, "4: parked in the account", report, parked);
        check(report.released() >= 0 && report.released() <= granted, "4: released in the account", report, granted);
        check(report.heldNanos() >= Math.max(0, report.drainedNanos()), "the times of the account", report);
    }

    private static void check(boolean holds, String what, Object... found) {
        if (!holds) {
            throw new AssertionError(what + ": " + Arrays.toString(found));
        }
    }
}
