/** One Redis instance of a side. */
@NullMarked
package sluice.control.redis;

import org.jspecify.annotations.NullMarked;
