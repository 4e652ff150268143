/** What {@code sluice-proxy check} finds out about the machine that a configuration is for. Changes nothing. */
@NullMarked
package sluice.proxy.check;

import org.jspecify.annotations.NullMarked;
