/** One Postgres server of a side. */
@NullMarked
package sluice.control.postgres;

import org.jspecify.annotations.NullMarked;
