/** Where requests go: the immutable routing, the rules that give a class, the switchboard and its state file. */
@NullMarked
package sluice.proxy.route;

import org.jspecify.annotations.NullMarked;
