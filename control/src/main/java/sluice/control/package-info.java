/** The program: its command line and the wiring of all parts. */
@NullMarked
package sluice.control;

import org.jspecify.annotations.NullMarked;
