/** Sockets, TLS, certificates, the client's address. */
@NullMarked
package sluice.proxy.listen;

import org.jspecify.annotations.NullMarked;
