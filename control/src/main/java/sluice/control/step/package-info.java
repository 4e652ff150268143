/** One file a step: do, undo, probe. */
@NullMarked
package sluice.control.step;

import org.jspecify.annotations.NullMarked;
