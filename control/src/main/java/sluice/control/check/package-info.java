/** One small class a check. */
@NullMarked
package sluice.control.check;

import org.jspecify.annotations.NullMarked;
