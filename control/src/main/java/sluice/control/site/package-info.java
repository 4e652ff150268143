/** The site file: records and their reader. */
@NullMarked
package sluice.control.site;

import org.jspecify.annotations.NullMarked;
