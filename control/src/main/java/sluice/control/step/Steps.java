package sluice.control.step;

import java.util.List;

/** A move's steps in their order. */
public final class Steps {
    private static final List<Step> MOVE = List.of(
            new CheckAll(),
            new QuietSidekiq(),
            new Prepare(),
            new HoldWrites(),
            new MarkLog(),
            new SealHold(),
            new FlipReads(),
            new FenceRedis(),
            new FencePostgres(),
            new ProveReplica(),
            new Promote(),
            new VerifyNew(),
            new ReleaseWrites(),
            new StartSidekiq(),
            new ReverseReplica(),
            new CloseBooks());

    private Steps() {}

    /** There and back alike: which side is which is told by {@link Moving}. */
    public static List<Step> move() {
        return MOVE;
    }
}
