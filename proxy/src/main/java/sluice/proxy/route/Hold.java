package sluice.proxy.route;

import java.time.Duration;
import java.time.Instant;

/**
 * A hold is a lease: it ends by itself.
 *
 * @param id names this hold in every later call
 * @param owner who asked for it, for people
 * @param since when it began
 * @param ttl how long the lease lasts, counted from the last renewal
 * @param expires when the lease runs out unless it is renewed
 * @param expiry what happens then
 * @param scope what it concerns
 */
public record Hold(String id, String owner, Instant since, Duration ttl, Instant expires, Expiry expiry, Scope scope) {}
