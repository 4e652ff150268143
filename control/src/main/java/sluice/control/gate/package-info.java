/** The proxies' admin HTTP as control sees it. */
@NullMarked
package sluice.control.gate;

import org.jspecify.annotations.NullMarked;
