/** Upstreams, their services, and a connection pool per event loop. */
@NullMarked
package sluice.proxy.upstream;

import org.jspecify.annotations.NullMarked;
