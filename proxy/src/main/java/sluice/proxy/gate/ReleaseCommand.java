package sluice.proxy.gate;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.proxy.route.Side;

/**
 * A release.
 *
 * @param hold the hold that shall end; null for whichever there is
 * @param to flip there first
 * @param waitAtMost how long the answer may wait for the gate to be open
 */
public record ReleaseCommand(
        @Nullable String hold, @Nullable Side to, Duration waitAtMost) {
    public ReleaseCommand {
        HoldCommand.checkWait(waitAtMost);
    }
}
