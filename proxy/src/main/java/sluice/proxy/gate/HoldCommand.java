package sluice.proxy.gate;

import java.time.Duration;
import sluice.proxy.route.Expiry;
import sluice.proxy.route.Scope;

/**
 * A hold to begin.
 *
 * @param ttl how long the lease lasts, more than 0 and at most {@link #MAX_TTL}
 * @param expiry what happens when it runs out
 * @param scope what it concerns
 * @param waitAtMost how long the answer may wait for drained
 * @param owner who asks, for people; at most {@link #MAX_OWNER} characters
 */
public record HoldCommand(Duration ttl, Expiry expiry, Scope scope, Duration waitAtMost, String owner) {
    /** The longest lease. Whoever needs more renews. */
    public static final Duration MAX_TTL = Duration.ofHours(1);
    /** The longest wait of any answer. */
    public static final Duration MAX_WAIT = Duration.ofMinutes(2);
    /** The longest name of an owner, in characters. */
    public static final int MAX_OWNER = 200;

    public HoldCommand {
        checkTtl(ttl);
        checkWait(waitAtMost);
        if (owner.isBlank() || owner.length() > MAX_OWNER || owner.codePoints().anyMatch(Audit::breaksLine)) {
            throw invalid("owner: 1 to " + MAX_OWNER + " printable characters");
        }
    }

    static void checkTtl(Duration ttl) {
        // A lease is kept in milliseconds.
        if (ttl.toMillis() <= 0 || ttl.compareTo(MAX_TTL) > 0) {
            throw invalid("ttl: from 1 ms to " + MAX_TTL.toHours() + " h, not " + ttl.toMillis() + " ms");
        }
    }

    static void checkWait(Duration wait) {
        if (wait.isNegative() || wait.compareTo(MAX_WAIT) > 0) {
            throw invalid("wait: from 0 to " + MAX_WAIT.toSeconds() + " s, not " + wait.toMillis() + " ms");
        }
    }

    private static GateException invalid(String detail) {
        return new GateException(GateException.Kind.INVALID, detail);
    }
}
