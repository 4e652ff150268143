/** A side's Mastodon: its settings, its web and streaming processes, its uploads. */
@NullMarked
package sluice.control.mastodon;

import org.jspecify.annotations.NullMarked;
