package sluice.proxy.admin;

import org.jspecify.annotations.Nullable;
import sluice.proxy.gate.Caller;

/**
 * A call, as far as the API needs it.
 *
 * @param path without the query
 * @param ifMatch the header, or null
 * @param from who calls: for the audit log
 */
record AdminRequest(
        String method,
        String path,
        Parameters parameters,
        @Nullable String ifMatch,
        Caller from) {}
