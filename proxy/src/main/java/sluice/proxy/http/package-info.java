/** The request path: heads, bodies, the front handler, the relay, tunnels. */
@NullMarked
package sluice.proxy.http;

import org.jspecify.annotations.NullMarked;
