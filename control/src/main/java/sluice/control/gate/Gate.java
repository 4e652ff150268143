package sluice.control.gate;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One proxy, through its admin HTTP. Every change takes the epoch it builds on ({@code If-Match}); every call blocks
 * within its bound and is tried once.
 */
public interface Gate {
    /** Where the proxy is, for messages. */
    String name();

    /** Opens the connection, so that none has to be opened inside the hold. */
    void open() throws GateException;

    GateState state() throws GateException;

    /** Holds and waits up to {@code wait} for drained; look at the phase of what comes back. */
    GateState hold(long epoch, Duration ttl, String expiry, Duration wait, String owner) throws GateException;

    /** Renews a hold or changes it; null leaves a value. */
    GateState change(long epoch, String holdId, @Nullable Duration ttl, @Nullable String expiry) throws GateException;

    GateState flip(long epoch, String to, boolean drained) throws GateException;

    /** Releases; with {@code to} the flip comes first. Answers when the gate is open. */
    GateState release(long epoch, @Nullable String holdId, @Nullable String to) throws GateException;

    void close();
}
