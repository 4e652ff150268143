/** The admin contract: state, hold, flip, release and metrics over HTTP on a unix socket and on loopback. */
@NullMarked
package sluice.proxy.admin;

import org.jspecify.annotations.NullMarked;
