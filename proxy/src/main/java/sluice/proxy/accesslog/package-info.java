/** The access log: one line for each request, formatted on the event loops and written by one thread. */
@NullMarked
package sluice.proxy.accesslog;

import org.jspecify.annotations.NullMarked;
