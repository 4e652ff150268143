/** The configuration as records that validate themselves; every mistake is reported at once. */
@NullMarked
package sluice.proxy.config;

import org.jspecify.annotations.NullMarked;
