/** Reads nginx's configuration of a Mastodon, and writes what Sluice needs to take its place. */
@NullMarked
package sluice.proxy.nginx;

import org.jspecify.annotations.NullMarked;
