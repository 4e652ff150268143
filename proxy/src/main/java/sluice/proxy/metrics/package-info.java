/** Plain counters, one set for each event loop. Imports nothing of ours. */
@NullMarked
package sluice.proxy.metrics;

import org.jspecify.annotations.NullMarked;
