package sluice.control.step;

import java.util.List;
import sluice.control.check.Checks;

/** A move's steps in their order. */
public final class Steps {
    private Steps() {}

    /**
     * There and back alike: which side is which is told by {@link Moving}.
     *
     * @param checks what the first step looks at
     */
    public static List<Step> move(Checks checks) {
        return List.of(
                new CheckAll(checks),
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
    }
}
