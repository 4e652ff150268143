package sluice.proxy.gate;

import java.time.Instant;
import sluice.proxy.route.Routing;

/**
 * A transition that every loop goes by: also one of the preview, which is no new epoch.
 *
 * @param what in a few words, as in the audit log
 * @param caller who asked for it
 * @param at when the barrier was complete
 */
public record Change(String what, Caller caller, Routing before, Routing after, Instant at) {}
