package sluice.proxy.admin;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import sluice.proxy.metrics.LoopMetrics;
import sluice.proxy.route.Side;

/** What the admin endpoint shows and does not have by itself. Any thread; nothing may block. */
public interface Sources {
    /** Whether the last attempt to connect to this side succeeded; true while nothing was attempted. */
    boolean healthy(Side side);

    /** The counters of all loops, added up: a copy of this moment. */
    CompletionStage<LoopMetrics> metrics();

    /** When each certificate ends, by its name. */
    Map<String, Instant> certificates();
}
