/** The site file. */
@NullMarked
package sluice.control.site;

import org.jspecify.annotations.NullMarked;
