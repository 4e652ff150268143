/** A machine: commands and files. Local here; ssh implements the same interface. */
@NullMarked
package sluice.control.host;

import org.jspecify.annotations.NullMarked;
