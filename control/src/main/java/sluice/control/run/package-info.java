/** The run: its journal, its state machine, its recovery and its report. */
@NullMarked
package sluice.control.run;

import org.jspecify.annotations.NullMarked;
