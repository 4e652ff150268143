/** The program: its command line and the wiring of all parts. */
@NullMarked
package sluice.proxy;

import org.jspecify.annotations.NullMarked;
