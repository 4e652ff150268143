/** Hold, the queue of the parked, drain, shed, release: the heart. No Netty type in it. */
@NullMarked
package sluice.proxy.gate;

import org.jspecify.annotations.NullMarked;
