/** Who works on a side's jobs: Sidekiq's processes, as Redis and systemd know them. */
@NullMarked
package sluice.control.sidekiq;

import org.jspecify.annotations.NullMarked;
